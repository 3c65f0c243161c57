"""Makes corruptions.npz: what OpenCV makes of small images by the operations that corruptions have in
common with it. The Go tests compare with it.

    python -m pip install opencv-python-headless numpy
    python make_corruption_vectors.py

Keys are "<image>/input" and "<image>/<operation>@<parameter>"; images are named "<h>x<w>x<c>"; "versions" holds the
versions of OpenCV and NumPy as bytes.
"""

import pathlib

import cv2
import numpy as np

SIZES = [(1, 5, 1), (9, 13, 1), (28, 28, 1), (17, 12, 3), (32, 32, 3)]


def smooth(rng, h, w, c):
    """Noise that is blurred, so that a small error of a position is a small error of a value."""
    image = cv2.GaussianBlur(rng.integers(0, 256, (h, w, c)).astype(np.float32), (0, 0), 1.5).reshape(h, w, c)
    image -= image.min()
    return np.rint(image * (255 / image.max())).astype(np.uint8)


def moves(h, w):
    """Maps from the image to the moved image, as OpenCV wants them."""
    centre = ((w - 1) / 2, (h - 1) / 2)
    for degrees in (-45, -10, 30):  # clockwise
        yield f"rotation@{degrees}", cv2.getRotationMatrix2D(centre, -degrees, 1)
    for factor in (0.6, 1.25):
        yield f"scale@{factor}", cv2.getRotationMatrix2D(centre, 0, factor)
    for slope in (-0.6, 0.25):  # of rows
        yield f"shear@{slope}", np.array([[1, -slope, slope * centre[1]], [0, 1, 0]])
    for pixels in (-2.75, 3.5):  # to the left, and half as much up
        yield f"translation@{pixels}", np.array([[1, 0, -pixels], [0, 1, -pixels / 2]])


def disc(radius):
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    weights = np.clip(radius + 1 - np.hypot(x, y), 0, 1)
    return weights / weights.sum()


def through_jpeg(image, quality):
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    colour = image.shape[2] == 3
    _, data = cv2.imencode(".jpg", image[..., ::-1] if colour else image, flags)
    out = cv2.imdecode(data, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE)
    return out[..., ::-1] if colour else out


def results(image):
    h, w, _ = image.shape
    reals = image.astype(np.float32)
    for name, matrix in moves(h, w):
        yield name, cv2.warpAffine(reals, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    for radius in (0.4, 2.3):
        yield f"disc@{radius}", cv2.filter2D(image.astype(np.float64), -1, disc(radius), borderType=cv2.BORDER_REFLECT_101)
    for quality in (5, 20, 50):
        yield f"jpeg@{quality}", through_jpeg(image, quality).astype(np.float32)
    if h % 4 == 0 and w % 4 == 0:
        small = cv2.resize(reals, (w // 4, h // 4), interpolation=cv2.INTER_AREA)
        yield "blocks@4", cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)


def main():
    rng = np.random.default_rng(20260102)
    versions = f"opencv {cv2.__version__}, numpy {np.__version__}"
    arrays = {"versions": np.frombuffer(versions.encode(), dtype=np.uint8)}
    for size in SIZES:
        image, name = smooth(rng, *size), "x".join(map(str, size))
        arrays[f"{name}/input"] = image
        arrays |= {f"{name}/{key}": out.astype(np.float32).reshape(size) for key, out in results(image)}
    path = pathlib.Path(__file__).with_name("corruptions.npz")
    np.savez_compressed(path, **arrays)
    print(f"{path}: {len(arrays)} arrays, {path.stat().st_size} bytes, {versions}")


if __name__ == "__main__":
    main()

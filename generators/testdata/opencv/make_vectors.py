"""Makes vectors.npz: what OpenCV's blurs make of small images, and what NumPy makes of noise
that is cast to uint8. The Go tests compare with it bit for bit.

    python -m pip install opencv-python-headless numpy
    python make_vectors.py

Keys are "<image>/input" and "<image>/<operator>-<k>-<k>...", the results for these k one after
the other; images are named "<h>x<w>x<c>-<content>"; "versions" holds the versions of OpenCV and NumPy as bytes; the keys of casts start with "cast/".
"""

import pathlib
import sys

import cv2
import numpy as np

SIZES = [(1, 1, 1), (1, 7, 1), (7, 1, 1), (1, 5, 3), (2, 2, 1), (2, 3, 1), (2, 3, 3), (5, 7, 1), (5, 7, 3),
         (5, 7, 4), (5, 7, 5), (28, 28, 1), (32, 32, 3)]
AVERAGE = range(1, 17)
GAUSSIAN = (1, 3, 5, 7)
MEDIAN = (1, 3, 5, 7, 15)


def images(rng):
    for h, w, c in SIZES:
        yield f"{h}x{w}x{c}-random", rng.integers(0, 256, (h, w, c), dtype=np.uint8)
    # Two grey levels and low contrast make many ties; a bright image tests for overflow.
    yield "9x11x1-extremes", rng.integers(0, 2, (9, 11, 1), dtype=np.uint8) * 255
    yield "9x11x1-dark", rng.integers(0, 4, (9, 11, 1), dtype=np.uint8)
    yield "9x11x1-bright", rng.integers(253, 256, (9, 11, 1)).astype(np.uint8)


def kernels(image):
    large = image.size > 1000
    yield "average", range(1, 6) if large else AVERAGE
    yield "gaussian", GAUSSIAN
    # OpenCV refuses k > 5 for other numbers of channels.
    yield "median", [k for k in MEDIAN if k <= (7 if large else 15) and (k <= 5 or image.shape[2] in (1, 3, 4))]


BLURS = {
    "average": lambda image, k: cv2.blur(image, (k, k)),
    "gaussian": lambda image, k: cv2.GaussianBlur(image, (k, k), 0),
    "median": cv2.medianBlur,
}


def blurs(image):
    for operator, ks in kernels(image):
        results = [BLURS[operator](image, k).reshape(image.shape) for k in ks]
        yield "-".join([operator, *map(str, ks)]), np.stack(results)


def same_without_optimisation(image):
    """OpenCV's plain, vectorised and vendor code must agree, else a vector is one machine's."""
    results = []
    for optimised in (True, False):
        cv2.setUseOptimized(optimised)
        cv2.ipp.setUseIPP(optimised)
        results.append(dict(blurs(image)))
    cv2.setUseOptimized(True)
    cv2.ipp.setUseIPP(True)
    return all(np.array_equal(results[0][k], results[1][k]) for k in results[0])


def casts(rng):
    image = np.concatenate([np.repeat(np.uint8([0, 1, 2, 127, 128, 254, 255]), 12), rng.integers(0, 256, 60, dtype=np.uint8)])
    steps = np.array([-300.7, -1.2, -1.0, -0.999, -0.3, -0.0, 0.0, 0.3, 0.999, 1.0, 1.2, 300.7])
    added = np.concatenate([np.tile(steps, 7), rng.normal(0, 0.1**0.5, 60)])
    factors = np.concatenate([np.tile(steps / 100, 7), rng.normal(-0.2, 0.2, 60)])
    yield "cast/input", image
    yield "cast/added", added
    yield "cast/sum", (image + added).astype(np.int64).astype(np.uint8)
    yield "cast/factors", factors
    yield "cast/product", (image + image * factors).astype(np.int64).astype(np.uint8)
    direct = (image + added).astype(np.uint8)  # what the artefact writes; undefined in C, wraps on x86
    assert np.array_equal(direct, (image + added).astype(np.int64).astype(np.uint8))


def main():
    rng = np.random.default_rng(20260101)
    versions = f"opencv {cv2.__version__}, numpy {np.__version__}"
    arrays = {"versions": np.frombuffer(versions.encode(), dtype=np.uint8)}
    for name, image in images(rng):
        if not same_without_optimisation(image):
            sys.exit(f"{name}: expected the same result with and without optimisation")
        arrays[f"{name}/input"] = image
        arrays |= {f"{name}/{key}": out for key, out in blurs(image)}
    arrays |= dict(casts(rng))
    path = pathlib.Path(__file__).with_name("vectors.npz")
    np.savez_compressed(path, **arrays)
    print(f"{path}: {len(arrays)} arrays, {path.stat().st_size} bytes, {versions}")


if __name__ == "__main__":
    main()

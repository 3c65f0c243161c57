"""Makes the images that the tests of the seed sources read.

    python -m pip install numpy pillow
    python make_images.py

images/expected.json holds the pixels of the images, as Pillow has them.
"""

import json
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(7)


def make_images(folder):
    colours = RNG.integers(0, 256, (4, 3, 3), dtype=np.uint8)
    colours[0, 0], colours[0, 1] = (255, 0, 0), (255, 255, 255)
    rgb = Image.fromarray(colours)
    grey = Image.fromarray(RNG.integers(0, 256, (4, 3), dtype=np.uint8))
    opaque = rgb.convert("RGBA")
    transparent = opaque.copy()
    transparent.putpixel((1, 2), (10, 20, 30, 128))
    images = {
        "rgb.png": rgb,
        "grey.png": grey,
        "bilevel.png": grey.convert("1"),
        "palette.png": rgb.quantize(5),
        "opaque-alpha.png": opaque,
        "transparent.png": transparent,
        "grey16.png": Image.fromarray(RNG.integers(0, 65536, (4, 3), dtype=np.uint16)),
    }
    expected = {}
    for name, image in images.items():
        image.save(folder / name, optimize=True)
        if name not in ("transparent.png", "grey16.png"):
            expected[name] = {
                "stored": np.asarray(image.convert("L" if image.mode in "1L" else "RGB")).ravel().tolist(),
                "grey": np.asarray(image.convert("L")).ravel().tolist(),
                "rgb": np.asarray(image.convert("RGB")).ravel().tolist(),
            }
    # Colours at full resolution: libraries differ in how they spread coarser ones over pixels.
    smooth = np.add.outer(np.arange(16) * 8, np.arange(16) * 4).astype(np.uint8)
    for name, image in {"rgb.jpg": np.stack([smooth, smooth[::-1], 255 - smooth], -1), "grey.JPEG": smooth}.items():
        Image.fromarray(image).save(folder / name, "JPEG", quality=90, subsampling=0)
        stored = np.asarray(Image.open(folder / name)).ravel().tolist()
        expected[name] = {"stored": stored}
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    make_images(HERE / "images")

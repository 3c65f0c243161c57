"""Writes vectors.json: pictures as Pillow resizes them. Run with Pillow 13.0.0: python make_vectors.py"""
import json

import numpy as np
from PIL import Image

vectors = []
rng = np.random.default_rng(7)
for height, width, channels, to in [(9, 14, 3, (5, 6)), (9, 14, 3, (20, 31)), (13, 7, 1, (6, 3)), (5, 40, 3, (5, 9)), (17, 3, 1, (4, 3)), (6, 6, 3, (1, 1))]:
    pixels = rng.choice([0, 255, 30, 90, 200], (height, width, channels)).astype(np.uint8)
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    for name, kernel in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
        out = np.asarray(image.resize(to[::-1], kernel))
        vectors.append({"filter": name, "shape": [height, width, channels], "pixels": pixels.ravel().tolist(), "to": to, "out": out.ravel().tolist()})
with open("vectors.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in vectors) + "\n]\n")

#!/usr/bin/env bash
# Pillow 13.0.0 and NumPy 2.4.6 (ml_dtypes 0.6.0), seen 2026-11-28.
# Expected: a 16-bit grey PNG converted to 8 bits is divided by 257, as in other decoders; a transparent pixel is blended or black; an array of
# bfloat16 that was saved is read as such, or refused.
# Found: convert("L") and convert("RGB") cut 16-bit values off at 255: nearly all of such an image is white. convert("RGB") keeps the hidden colour of
# transparent pixels. numpy.load gives bfloat16 and float8 back as raw bytes of the type void (|V2, |V1), without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pillow==13.0.0 numpy==2.4.6 ml_dtypes==0.6.0
venv/bin/python - <<'EOF'
import io

import ml_dtypes
import numpy as np
from PIL import Image

def reopened(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return Image.open(io.BytesIO(file.getvalue()))

deep = reopened(Image.fromarray(np.array([[0, 100, 255, 256, 1000, 40000, 65535]], np.uint16)))
for mode in "L", "RGB":
    grey = np.asarray(deep.convert(mode)).reshape(7, -1)[:, 0]
    print(f"{deep.mode} to {mode}: 0 100 255 256 1000 40000 65535 become", grey)
    assert grey.tolist() == [0, 100, 255, 255, 255, 255, 255]
pixel = np.asarray(reopened(Image.fromarray(np.array([[[255, 0, 0, 0]]], np.uint8))).convert("RGB"))[0, 0]
print("a wholly transparent red pixel becomes", pixel)
assert pixel.tolist() == [255, 0, 0]
for kind, void in (ml_dtypes.bfloat16, "|V2"), (ml_dtypes.float8_e4m3fn, "|V1"):
    file = io.BytesIO()
    np.save(file, np.array([1, 2], kind))
    loaded = np.load(io.BytesIO(file.getvalue()))
    print(f"{np.dtype(kind)} is loaded as {loaded.dtype.str}: {loaded}")
    assert loaded.dtype.str == void
EOF

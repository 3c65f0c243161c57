#!/usr/bin/env bash
# nudenet 3.4.2 (the package, with its model 320n.onnx), opencv-python-headless 5.0.0.93, seen 2026-11-28.
# Expected: a picture reaches the model in the order red, green, blue, which Ultralytics' YOLOv8 is trained with; boxes hide others of their own class; a box
# that goes over the edge is cut off there.
# Found: colours are swapped twice, so that the model gets blue, green, red. Boxes of all classes go through one suppression: of two that
# overlap, of different classes, the better one remains. What goes over the left or upper edge is moved inside with its full width.
# And boxes are collected from a score of 0.2 on, but 0.25 is what counts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check --no-deps nudenet==3.4.2
venv/bin/pip install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 onnxruntime==1.32.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import cv2
import numpy as np
from nudenet import nudenet

red = np.zeros((64, 64, 3), np.uint8)
red[..., 2] = 255  # OpenCV's order is blue, green, red
cv2.imwrite("red.png", red)
planes = nudenet._read_image("red.png")[0][0, :, 0, 0]
print("a red picture, as the three planes that the model gets:", planes.tolist())
assert planes.tolist() == [0, 0, 1]


def read(*boxes):
    """What the package makes of boxes: centre x and y, width, height, class, score; of a picture of 320 by 320."""
    output = np.zeros((1, 22, 2100), np.float32)
    for i, (x, y, w, h, label, score) in enumerate(boxes):
        output[0, :4, i], output[0, 4 + label, i] = (x, y, w, h), score
    return nudenet._postprocess([output], 0, 0, 1, 1, 320, 320, 320, 320)


FACE, FEET = 1, 9
both = read((100, 100, 40, 40, FACE, 0.9), (104, 100, 40, 40, FEET, 0.8))
print("a face at 0.9 and feet at 0.8 in nearly the same place:", both)
assert [d["class"] for d in both] == ["FACE_FEMALE"]
edge = read((10, 100, 60, 40, FACE, 0.9))
print("a box from -20 to 40:", edge[0]["box"])
assert edge[0]["box"] == [0, 80, 60, 40]
faint = [len(read((100, 100, 40, 40, FACE, score))) for score in (0.22, 0.24, 0.26)]
print("boxes found at scores of 0.22, 0.24 and 0.26:", faint)
assert faint == [0, 0, 1]
EOF

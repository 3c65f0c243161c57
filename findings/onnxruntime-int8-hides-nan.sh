#!/usr/bin/env bash
# onnxruntime 1.32.0 on x86-64, seen 2026-11-28.
# Expected: NaN in, NaN out, in the quantised model as in the float one; or at least the value of the zero point.
# Found: QuantizeLinear makes the lowest value of NaN (0 or -128), whatever the zero point. DynamicQuantizeLinear leaves NaN out of
# the range, and one infinity makes 0 of the whole tensor. So a float model answers NaN for an image with one NaN, and both its
# int8 versions give ordinary scores. Calibration with NaN among the images says nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 sympy==1.14.0
venv/bin/python - <<'EOF'
import logging

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static

logging.disable(logging.WARNING)

def save(path, nodes, shape, out, constants):
    g = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, shape)],
                     [h.make_tensor_value_info(n, t, None) for n, t in out], [nh.from_array(v, k) for k, v in constants.items()])
    onnx.save(h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8), path)

def run(path, x):
    return ort.InferenceSession(path).run(None, {"x": x})

for kind, name, lowest in (np.uint8, T.UINT8, 0), (np.int8, T.INT8, -128):
    save("q.onnx", [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])], [4], [("y", name)], {"s": np.float32(0.5), "z": kind(10)})
    y = run("q.onnx", np.array([1, 2, np.nan, 4], np.float32))[0]
    print("QuantizeLinear of 1, 2, NaN, 4 with zero point 10:", y)
    assert y[2] == lowest
save("d.onnx", [h.make_node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"])], [4], [("y", T.UINT8), ("s", T.FLOAT), ("z", T.UINT8)], {})
for bad, expected in (np.nan, [64, 128, 0, 255]), (np.inf, [0, 0, 0, 0]):
    y, scale, _ = run("d.onnx", np.array([1, 2, bad, 4], np.float32))
    print(f"DynamicQuantizeLinear of 1, 2, {bad}, 4:", y, "scale", scale)
    assert np.abs(y.astype(int) - expected).max() <= 1

r = np.random.default_rng(0)
save("float.onnx", [h.make_node("Conv", ["x", "w"], ["c"]), h.make_node("Relu", ["c"], ["r"]), h.make_node("GlobalAveragePool", ["r"], ["y"])],
     ["N", 3, 8, 8], [("y", T.FLOAT)], {"w": r.normal(size=(4, 3, 3, 3)).astype(np.float32)})
images = r.normal(size=(6, 1, 3, 8, 8)).astype(np.float32)
images[2, 0, 0, 4, 4] = np.nan

class Reader(CalibrationDataReader):
    def __init__(self): self.left = iter(images)
    def get_next(self):
        x = next(self.left, None)
        return None if x is None else {"x": x}

quantize_static("float.onnx", "static.onnx", Reader())
quantize_dynamic("float.onnx", "dynamic.onnx", weight_type=QuantType.QUInt8)
for path, nan in ("float.onnx", True), ("static.onnx", False), ("dynamic.onnx", False):
    y = run(path, images[2])[0].ravel()
    print(path, "of an image with one NaN:", y)
    assert np.isnan(y).all() == nan and np.isnan(y).any() == nan
EOF

#!/usr/bin/env bash
# onnxoptimizer 0.4.2, onnxslim 0.1.98, onnx 1.23.2, onnxruntime 1.32.0, seen 2026-11-29.
# Expected: a graph that was simplified with the default passes computes what it did before.
# Found: onnxoptimizer puts a Pad of zeros into the MaxPool behind it, which pads by minus infinity: with negative values, as before an activation, the
# border of the image changes. It drops the first of two Reshapes although a 0 in the second then copies another dimension. onnxslim
# folds a Mul along the width of an image into the output channels of the Conv before it, where both are of one size.
# onnxsim 0.8.1 does none of this.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxoptimizer==0.4.2 onnxslim==0.1.98 onnxsim==0.8.1 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
venv/bin/python - 2>log <<'EOF' || { cat log; exit 1; }
import numpy as np
import onnx
import onnxoptimizer
import onnxruntime as ort
import onnxsim
import onnxslim
from onnx import TensorProto as T, helper as h, numpy_helper as nh

ort.set_default_logger_severity(3)
rng = np.random.default_rng(0)


def made(nodes, x, **constants):
    graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, x.shape)], [h.make_empty_tensor_value_info("y")],
                         [nh.from_array(v, k) for k, v in constants.items()])
    model = onnx.shape_inference.infer_shapes(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), data_prop=True)
    onnx.checker.check_model(model, full_check=True)
    return model


def run(model, x):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


image, table = normal(1, 4, 6, 6) - 2, normal(2, 3, 4)
weights, biases, along_width = normal(4, 4, 3, 3), normal(4), np.array([1, 2, 3, 4], np.float32)
cases = (
    ("Pad of zeros, then MaxPool", image,
     made([h.make_node("Pad", ["x", "pads", "zero"], ["padded"]), h.make_node("MaxPool", ["padded"], ["y"], kernel_shape=[3, 3], strides=[2, 2])],
          image, pads=np.array([0, 0, 1, 1, 0, 0, 1, 1]), zero=np.float32(0))),
    ("Reshape to 3x2x4, then to 0x-1", table,
     made([h.make_node("Reshape", ["x", "first"], ["r"]), h.make_node("Reshape", ["r", "second"], ["y"])],
          table, first=np.array([3, 2, 4]), second=np.array([0, -1]))),
    ("Conv of 4 channels, then Mul of 4 factors along a width of 4", image,
     made([h.make_node("Conv", ["x", "w", "b"], ["c"]), h.make_node("Mul", ["c", "factors"], ["y"])], image, w=weights, b=biases, factors=along_width)))
tools = ("onnxoptimizer", onnxoptimizer.optimize), ("onnxslim", onnxslim.slim), ("onnxsim", lambda m: onnxsim.simplify(m)[0])
changed = []
for what, x, model in cases:
    expected = run(model, x)
    for name, tool in tools:
        found = run(tool(onnx.ModelProto.FromString(model.SerializeToString())), x)
        if found.shape != expected.shape:
            says = f"the shape {found.shape} in place of {expected.shape}"
        elif np.allclose(found, expected, atol=1e-4):
            continue
        else:
            says = f"{(np.abs(found - expected) > 1e-4).mean():.0%} of the values differ, by up to {np.abs(found - expected).max():.2f}"
        print(f"{what}: {name}: {says}")
        changed.append((what[:4], name))
assert changed == [("Pad ", "onnxoptimizer"), ("Resh", "onnxoptimizer"), ("Conv", "onnxslim")], changed
EOF

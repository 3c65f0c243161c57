#!/usr/bin/env bash
# onnx 1.23.2 and onnxruntime 1.32.0 on x86-64, seen 2026-11-28.
# Expected: shape inference and the runtime agree how many frequencies the STFT of a real signal has.
# Found: without the attribute "onesided", onnx infers one for each sample of a frame (256), and ONNX Runtime computes half of them
# and one (129), as the operator's text says. Whoever trusts the inferred shape, such as a checker of the layers behind it, refuses a
# valid model, or accepts one that does not run.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh, shape_inference

def model(**attributes):
    graph = h.make_graph([h.make_node("STFT", ["x", "hop", "", "frame"], ["y"], **attributes)], "g",
                         [h.make_tensor_value_info("x", T.FLOAT, [1, 1024, 1])], [h.make_tensor_value_info("y", T.FLOAT, None)],
                         [nh.from_array(np.array(128, np.int64), "hop"), nh.from_array(np.array(256, np.int64), "frame")])
    return h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)

def inferred(m):
    shape = shape_inference.infer_shapes(m, data_prop=True).graph.output[0].type.tensor_type.shape
    return [d.dim_value for d in shape.dim]

def computed(m):
    return list(ort.InferenceSession(m.SerializeToString()).run(None, {"x": np.zeros((1, 1024, 1), np.float32)})[0].shape)

default, two, one = model(), model(onesided=0), model(onesided=1)
for name, m in ("default", default), ("onesided=0", two), ("onesided=1", one):
    print(f"{name}: inferred {inferred(m)}, computed {computed(m)}")
assert inferred(default) != computed(default)
assert inferred(one) == computed(one)
EOF

#!/usr/bin/env bash
# onnxruntime 1.32.0 on x86-64, seen 2026-11-28.
# Expected: session.x64quantprecision=1, the documented cure for 8-bit products that saturate on processors without VNNI, changes answers
# there, and nothing else.
# Found: on any x86-64 processor it makes ONNX Runtime refuse models that load without it: those of quantize_static in the form QOperator with int8
# activations and two Gemm in a row (no kernel for the types), and QDQ models in which two layers share a zero point, as converters
# that drop equal constants write them (tf2onnx for TensorFlow Lite).
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
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

logging.disable(logging.WARNING)
r = np.random.default_rng(0)
weights = {n: r.normal(size=s).astype(np.float32) for n, s in {"v": (16, 16), "w": (16, 16), "a": 16, "b": 16}.items()}
nodes = [h.make_node("Gemm", ["x", "v", "a"], ["m"], name="first"), h.make_node("Gemm", ["m", "w", "b"], ["y"], name="second")]
g = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, [1, 16])], [h.make_tensor_value_info("y", T.FLOAT, [1, 16])],
                 [nh.from_array(v, k) for k, v in weights.items()])
onnx.save(h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8), "float.onnx")

class Reader(CalibrationDataReader):
    def __init__(self): self.left = iter(r.normal(size=(20, 1, 16)).astype(np.float32))
    def get_next(self):
        x = next(self.left, None)
        return None if x is None else {"x": x}

def loads(path, precise):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    if precise:
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        ort.InferenceSession(path, options)
        return True
    except Exception as e:
        print(f"{path} with session.x64quantprecision=1: {str(e)[:60]} … {str(e)[-70:].strip()}")
        return False

for path, form in ("qoperator.onnx", QuantFormat.QOperator), ("qdq.onnx", QuantFormat.QDQ):
    quantize_static("float.onnx", path, Reader(), quant_format=form, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8)
shared = onnx.load("qdq.onnx")
for n in shared.graph.node:
    n.input[:] = ["v_zero_point" if i == "w_zero_point" else i for i in n.input]
shared.graph.initializer.remove(next(t for t in shared.graph.initializer if t.name == "w_zero_point"))
onnx.save(shared, "shared.onnx")
for path, expected in ("qoperator.onnx", False), ("qdq.onnx", True), ("shared.onnx", False):
    assert loads(path, False) and loads(path, True) == expected, path
    print(path, "loads, with the option too" if expected else "loads, with the option not")
EOF

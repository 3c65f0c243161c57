#!/usr/bin/env bash
# onnxconverter-common 1.16.0 and onnxruntime 1.32.0 (transformers.float16), seen 2026-11-28.
# Expected: both round to the nearest float16; what is too large becomes infinite or 65504, what is too small 0.
# Found: onnxconverter-common cuts weights off at 10000, though float16 goes to 65504: 30000 becomes a third of itself. Both make small weights
# larger instead of 0 (1e-8 becomes 1.2e-7 and 6e-8). And where one input of unnamed nodes has two readers, keep_io_types=True of
# onnxconverter-common writes a model that ONNX Runtime refuses ("two nodes with same node name").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxconverter-common==1.16.0 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 sympy==1.14.0
venv/bin/python - <<'EOF'
import warnings

import numpy as np
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnxconverter_common import float16 as common
from onnxruntime.transformers import float16 as transformers

warnings.simplefilter("ignore")

def model(weights, *more):
    n = [len(weights)]
    nodes = [h.make_node("Mul", ["x", "w"], ["p"]), *more] if more else [h.make_node("Mul", ["x", "w"], ["y"])]
    g = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, n)], [h.make_tensor_value_info("y", T.FLOAT, n)],
                     [nh.from_array(np.array(weights, np.float32), "w")])
    return h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8)

weights = [1e-8, -1e-8, 30000, 65504, 70000]
expected = {"onnxconverter-common": [1.19e-7, -1.19e-7, 10000, 10000, 10000], "onnxruntime": [5.96e-8, -5.96e-8, 30000, 65504, 65504]}
for name, converter in ("onnxconverter-common", common), ("onnxruntime", transformers):
    tensor = converter.convert_float_to_float16(model(weights)).graph.initializer[0]
    found = nh.to_array(tensor).astype(float)
    print(f"{name}: {weights} become {found.tolist()}")
    assert tensor.data_type == T.FLOAT16 and np.allclose(found, expected[name], rtol=0.01, atol=0)
    converted = converter.convert_float_to_float16(model([1.0], h.make_node("Add", ["p", "x"], ["y"])), keep_io_types=True)
    try:
        ort.InferenceSession(converted.SerializeToString())
        loads = True
    except Exception as e:
        loads = False
        print(f"{name}, keep_io_types, an input with two readers:", str(e)[-60:])
    assert loads == (converter is transformers)
EOF

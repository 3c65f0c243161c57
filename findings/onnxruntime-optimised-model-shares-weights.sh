#!/usr/bin/env bash
# onnxruntime 1.32.0, seen 2026-11-28.
# Expected: the model that SessionOptions.optimized_model_filepath saves is whole: it has its weights, inside or in a file of its own.
# Found: its large weights still lie in the data file of the *original*, by name and offset. In another folder it does not load. In the
# same folder it loads, and gives other answers, without a word, once the original is saved again with other weights.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import os

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

def save(seed):
    w = np.random.default_rng(seed).normal(size=(64, 64)).astype(np.float32)
    g = h.make_graph([h.make_node("MatMul", ["x", "w"], ["y"])], "g", [h.make_tensor_value_info("x", T.FLOAT, [1, 64])],
                     [h.make_tensor_value_info("y", T.FLOAT, [1, 64])], [nh.from_array(w, "w")])
    if os.path.exists("a/m.onnx.data"):
        os.remove("a/m.onnx.data")
    onnx.save_model(h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8), "a/m.onnx",
                    save_as_external_data=True, location="m.onnx.data")

def run(path):
    return ort.InferenceSession(path).run(None, {"x": np.ones((1, 64), np.float32)})[0]

os.mkdir("a"), os.mkdir("b")
save(1)
for path in "a/optimised.onnx", "b/optimised.onnx":
    options = ort.SessionOptions()
    options.optimized_model_filepath = path
    ort.InferenceSession("a/m.onnx", options)
t = onnx.load("a/optimised.onnx", load_external_data=False).graph.initializer[0]
print("the saved model's weights lie in", {e.key: e.value for e in t.external_data})
assert {e.key: e.value for e in t.external_data}["location"] == "m.onnx.data"
try:
    run("b/optimised.onnx")
    raise SystemExit("it loads in another folder")
except Exception as e:
    print("in another folder:", str(e)[:90])
before = run("a/optimised.onnx")
save(2)
change = np.abs(run("a/optimised.onnx") - before).max()
print("in the same folder, after the original was saved with other weights: answers change by", change)
assert change > 1
EOF

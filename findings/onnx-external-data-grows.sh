#!/usr/bin/env bash
# onnx 1.23.2, seen 2026-11-28.
# Expected: saving a model again with external data writes its data file anew, or is refused; wherever it is saved.
# Found: onnx.save_model looks for an old data file in the *working folder*, not where it writes. So into another folder it appends: the file grows by
# all weights with each save, and size and hash of a model that did not change differ each time. And a file of that name in the working
# folder, of some other model, forbids the save. onnx.checker.check_model, given the path, finds nothing wrong with a data file cut short.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import hashlib
import os

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

def save(path):
    w = np.ones((64, 64), np.float32)
    g = h.make_graph([h.make_node("MatMul", ["x", "w"], ["y"])], "g", [h.make_tensor_value_info("x", T.FLOAT, [1, 64])],
                     [h.make_tensor_value_info("y", T.FLOAT, [1, 64])], [nh.from_array(w, "w")])
    onnx.save_model(h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8), path,
                    save_as_external_data=True, location="m.onnx.data")
    data = open(os.path.join(os.path.dirname(path), "m.onnx.data"), "rb").read()
    print(path, "data file:", len(data), "bytes, SHA-256", hashlib.sha256(data).hexdigest()[:12])
    return len(data)

os.mkdir("a"), os.mkdir("b")
assert [save("a/m.onnx") for _ in range(3)] == [16384, 32768, 49152]
save("m.onnx")
try:
    save("b/m.onnx")
    raise SystemExit("b/m.onnx is saved")
except FileExistsError as e:
    print("b/m.onnx, into an empty folder:", e)
os.truncate("m.onnx.data", 100)
onnx.checker.check_model("m.onnx")
print("check_model says nothing about a data file cut to 100 bytes")
EOF

#!/usr/bin/env bash
# onnxruntime 1.32.0 on x86-64 and onnx 1.23.2 (its reference evaluator), seen 2026-11-28.
# Expected: a maximum over NaN is NaN, as in NumPy, or never; ArgMax and TopK agree about it.
# Found: ReduceMax is NaN only if NaN stands first, MaxPool only if it stands last in the window. ArgMax passes over NaN unless it stands
# first, while TopK takes NaN for the largest: the same scores have two different best classes. (Relu, Clip, Max and Softmax pass
# NaN on.) The reference evaluator says NaN for ReduceMax, the place of NaN for ArgMax, and leaves NaN out of an AveragePool.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import numpy as np
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnx.reference import ReferenceEvaluator

def run(op, x, outputs=("y",), out=T.FLOAT, constants=None, **attributes):
    constants = constants or {}
    g = h.make_graph([h.make_node(op, ["x", *constants], list(outputs), **attributes)], "g",
                     [h.make_tensor_value_info("x", T.FLOAT, x.shape)], [h.make_tensor_value_info(outputs[-1], out, None)],
                     [nh.from_array(v, k) for k, v in constants.items()])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", 18)], ir_version=8)
    return ort.InferenceSession(m.SerializeToString()).run(None, {"x": x})[0].ravel(), ReferenceEvaluator(m).run(None, {"x": x})[0].ravel()

maxima, pooled, best, first = [], [], [], []
for at in range(4):
    v = np.array([1, 3, 2, 0], np.float32)
    v[at] = np.nan
    maxima.append(run("ReduceMax", v[None], constants={"axes": np.array([1])}))
    pooled.append(run("MaxPool", v.reshape(1, 1, 2, 2), kernel_shape=[2, 2]))
    best.append(run("ArgMax", v[None], out=T.INT64, axis=1))
    first.append(run("TopK", v[None], outputs=("v", "i"), out=T.INT64, constants={"k": np.array([1])}))
    print(v, "ReduceMax", maxima[-1][0], "MaxPool", pooled[-1][0], "ArgMax", best[-1][0], "TopK", first[-1][0])
assert [np.isnan(o[0]) for o, _ in maxima] == [True, False, False, False]
assert [np.isnan(o[0]) for o, _ in pooled] == [False, False, False, True]
assert [int(o[0]) for o, _ in best] == [0, 2, 1, 1] and [int(o[0]) for o, _ in first] == [0, 1, 2, 3]
assert all(np.isnan(r[0]) for _, r in maxima) and [int(r[0]) for _, r in best] == [0, 1, 2, 3]
ours, reference = run("AveragePool", np.array([1, 3, np.nan, 2], np.float32).reshape(1, 1, 2, 2), kernel_shape=[2, 2])
print("AveragePool of 1, 3, NaN, 2:", ours, "; reference evaluator:", reference)
assert np.isnan(ours[0]) and reference[0] == 2
EOF

#!/usr/bin/env bash
# onnxruntime 1.32.0, onnx 1.23.2, seen 2026-11-29 on x86-64 with AVX-512 VNNI (since 1.26.0; not in 1.24.1).
# Expected: a graph that dequantises its weights and multiplies them with float activations computes in float: only weights are rounded.
# Found: on the CPU the default optimisation makes one MatMulNBits of DequantizeLinear and MatMul, or Gemm without transB, with weights of 4 or 8
# bits in blocks, per channel or per tensor. It rounds activations to 8 bits, 32 of them with one scale, so that a large one takes the digits of
# its neighbours. The session option session.qdq_matmulnbits_accuracy_level is 4 where nothing is said; 0, or optimisation off, gives what the graph says,
# and so does Gemm with transB=1, as PyTorch exports it: the same weights give other answers by the operator that they stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 ml_dtypes==0.5.4
venv/bin/python - <<'EOF'
import ml_dtypes
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

ort.set_default_logger_severity(3)
rng = np.random.default_rng(0)
INPUTS, OUTPUTS = 256, 64
weights = rng.normal(size=(INPUTS, OUTPUTS)).astype(np.float32)


def made(bits, per, op):
    """The model, and its weights as they are after rounding."""
    largest, rows = 2 ** (bits - 1) - 1, {"tensor": INPUTS, "channel": INPUTS, "block": 32}[per]
    blocks = weights.reshape(-1, rows, OUTPUTS)
    scale = (np.abs(blocks).max(axis=(0, 1, 2) if per == "tensor" else 1) / largest).astype(np.float32)
    wide = np.broadcast_to(scale if per == "tensor" else scale[:, None], blocks.shape)
    q = np.rint(blocks / wide)
    rounded = (q * wide).reshape(INPUTS, OUTPUTS)
    q, swap = q.reshape(INPUTS, OUTPUTS).astype(np.int8), op == "Gemm, transB=1"
    how = {"tensor": {}, "channel": {"axis": 0 if swap else 1}, "block": {"axis": int(swap), "block_size": 32}}[per]
    scale = scale[0] if per == "channel" else scale
    if swap:
        q, scale = q.T.copy(), scale.T.copy() if per == "block" else scale
    if bits == 4:
        q = q.astype(ml_dtypes.int4)
    multiply = h.make_node("MatMul", ["x", "w"], ["y"]) if op == "MatMul" else h.make_node("Gemm", ["x", "w"], ["y"], transB=int(swap))
    graph = h.make_graph([h.make_node("DequantizeLinear", ["q", "s"], ["w"], **how), multiply], "g",
                         [h.make_tensor_value_info("x", T.FLOAT, ["n", INPUTS])], [h.make_tensor_value_info("y", T.FLOAT, ["n", OUTPUTS])],
                         [nh.from_array(q, "q"), nh.from_array(scale, "s")])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString(), rounded


def run(model, x, level=None, optimised=True):
    options = ort.SessionOptions()
    if level:
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", level)
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


x = rng.normal(size=(8, INPUTS)).astype(np.float32)
for bits in 8, 4:
    for per in "tensor", "channel", "block":
        for op in "MatMul", "Gemm", "Gemm, transB=1":
            model, rounded = made(bits, per, op)
            exact = x.astype(np.float64) @ rounded
            error = [np.abs(y - exact).max() / np.abs(exact).max()
                     for y in (run(model, x), run(model, x, level="0"), run(model, x, optimised=False))]
            print(f"{bits} bits per {per}, {op}: off by {error[0]:.1e} of the largest output, {error[1]:.1e} with level 0, {error[2]:.1e} with optimisation off")
            assert (error[0] > 1e-3) == (op != "Gemm, transB=1") and max(error[1:]) < 1e-6
model, rounded = made(8, "channel", "MatMul")
x[:, 0] = 100
exact = x.astype(np.float64) @ rounded
off, level0 = np.abs(run(model, x) - exact).max(), np.abs(run(model, x, level="0") - exact).max()
print(f"one activation of 100 among some of about 1: an output of {exact.flat[np.abs(run(model, x) - exact).argmax()]:.1f} is off by {off:.2f}, with level 0 by {level0:.5f}")
assert off > 1 and level0 < 1e-3
EOF

#!/usr/bin/env bash
# onnxruntime 1.32.0 (quantization), onnx 1.23.2, seen 2026-11-28.
# Expected: weights are weights, whether an initializer holds them or a Constant node, as exporters also write them.
# Found: quantize_dynamic leaves MatMul and Gemm with weights of a Constant node in float, and says nothing. For Conv it has the weights quantised
# anew in every run, as if they were an input. quantize_static does likewise for all three: the float weights stay in the file, with
# a QuantizeLinear behind them, and per_channel=True makes no difference. Such an "8-bit" model is as large as the original.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6 sympy==1.14.0
venv/bin/python - <<'EOF'
import logging
import os

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnxruntime.quantization import CalibrationDataReader, quantize_dynamic, quantize_static

logging.disable(logging.WARNING)  # both advise to run pre-processing first, whatever the model
rng = np.random.default_rng(0)
SHAPES = {"MatMul": [4, 256], "Gemm": [4, 256], "Conv": [4, 256, 2, 2]}


def save(op, constant):
    weights = nh.from_array(rng.normal(size=[256, 256] + [1, 1] * (op == "Conv")).astype(np.float32), "w")
    nodes = [h.make_node("Constant", [], ["w"], value=weights)] * constant + [h.make_node(op, ["x", "w"], ["y"])]
    graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, SHAPES[op])],
                         [h.make_tensor_value_info("y", T.FLOAT, SHAPES[op])], [] if constant else [weights])
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), "float.onnx")


class Reader(CalibrationDataReader):
    def __init__(self, op):
        self.batches = iter([{"x": rng.normal(size=SHAPES[op]).astype(np.float32)}])

    def get_next(self):
        return next(self.batches, None)


for op in SHAPES:
    for constant in False, True:
        save(op, constant)
        quantize_dynamic("float.onnx", "dynamic.onnx", per_channel=True)
        quantize_static("float.onnx", "static.onnx", Reader(op), per_channel=True)
        for file in "dynamic.onnx", "static.onnx":
            ops = [n.op_type for n in onnx.load(file).graph.node]
            share = os.path.getsize(file) / os.path.getsize("float.onnx")
            print(f"{op}, weights of {'a Constant node' if constant else 'an initializer'}: {file} has {share:.2f} of the size: {', '.join(ops)}")
            assert (share > 0.99) == constant
            if constant and file == "dynamic.onnx":
                assert ops == ["Constant", "MatMul"] if op != "Conv" else ops.count("DynamicQuantizeLinear") == 2
            if constant and file == "static.onnx":
                assert ops.count("QuantizeLinear") == 3
EOF

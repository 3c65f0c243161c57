#!/usr/bin/env bash
# openvino 2026.4.1, onnx 1.23.2, onnxruntime 1.32.0, seen 2026-11-29.
# Expected: an attribute of an ONNX operator is either heeded, or an error says that it is not supported, as for half_pixel_symmetric of Resize.
# Found: OpenVINO reads and runs these models as if the attribute were not there, and says nothing: antialias, exclude_outside and
# keep_aspect_ratio_policy of Resize, and peepholes of LSTM. Softmax of operator sets before 13 takes one axis instead of all
# from it on, so that probabilities of an input do not sum up to 1. ONNX Runtime does what the standard says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check openvino==2026.4.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import numpy as np
import onnx
import onnxruntime as ort
import openvino
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnx.reference import ReferenceEvaluator

ort.set_default_logger_severity(3)
core = openvino.Core()
rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


def made(node, x, opset, **constants):
    graph = h.make_graph([node], "g", [h.make_tensor_value_info("x", T.FLOAT, x.shape)], [h.make_empty_tensor_value_info("y")],
                         [nh.from_array(v, k) for k, v in constants.items()])
    model = onnx.shape_inference.infer_shapes(h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=8), data_prop=True)
    onnx.checker.check_model(model, full_check=True)
    return model


def by_openvino(model, x):
    return core.compile_model(core.read_model(model.SerializeToString()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(x)[0]


def by_onnxruntime(model, x):
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def resize(sizes=None, **attributes):
    what = {"scales": np.array([1, 1, 0.5, 0.5], np.float32)} if sizes is None else {"sizes": np.array(sizes)}
    inputs = ["x", "", "scales"] if sizes is None else ["x", "", "", "sizes"]
    return lambda **more: made(h.make_node("Resize", inputs, ["y"], **attributes, **more), image, 18, **what)


def lstm(peepholes):
    inputs = ["x", "w", "r", "b"] + ["", "", "", "p"] * bool(peepholes)
    return made(h.make_node("LSTM", inputs, ["y"], hidden_size=4), sequence, 14, w=w, r=r, b=b, **({"p": p} if peepholes else {}))


image, sequence, table = normal(1, 3, 8, 10), normal(5, 2, 3), normal(2, 3, 4)
w, r, b, p = normal(1, 16, 3), normal(1, 16, 4), normal(1, 32), normal(1, 12)
linear, cubic, fitted = resize(mode="linear"), resize(mode="cubic"), resize(mode="linear", sizes=[10, 20], axes=[2, 3])
for what, x, with_it, without in (
        ("Resize, linear, antialias=1", image, linear(antialias=1), linear()),
        ("Resize, cubic, antialias=1", image, cubic(antialias=1), cubic()),
        ("Resize, cubic, exclude_outside=1", image, cubic(exclude_outside=1), cubic()),
        ("Resize, keep_aspect_ratio_policy=not_larger", image, fitted(keep_aspect_ratio_policy="not_larger"), fitted()),
        ("LSTM with peepholes", sequence, lstm(True), lstm(False))):
    expected, found, ignored = by_onnxruntime(with_it, x), by_openvino(with_it, x), by_openvino(without, x)
    assert np.allclose(expected, ReferenceEvaluator(with_it).run(None, {"x": x})[0], atol=1e-5) and np.array_equal(found, ignored)
    if expected.shape != found.shape:
        print(f"{what}: OpenVINO gives the shape {found.shape}, as without it, where it should be {expected.shape}")
        continue
    off = np.abs(found - expected).max()
    print(f"{what}: OpenVINO gives the same bits as without it, off by up to {off:.2f} where values reach {np.abs(expected).max():.2f}")
    assert off > 0.02
old = made(h.make_node("Softmax", ["x"], ["y"], axis=1), table, 11)
flat = np.exp(table.reshape(2, 12).astype(np.float64))
standard = (flat / flat.sum(axis=1, keepdims=True)).reshape(table.shape)
expected, found = by_onnxruntime(old, table), by_openvino(old, table)
print(f"Softmax of operator set 11, axis=1: probabilities sum up to {expected.sum(axis=(1, 2)).round(3)} in ONNX Runtime, to {found.sum(axis=(1, 2)).round(3)} in OpenVINO")
assert np.allclose(expected, standard, atol=1e-6) and np.allclose(found.sum(axis=1), 1, atol=1e-6)
try:
    by_openvino(linear(coordinate_transformation_mode="half_pixel_symmetric"), image)
except Exception as error:
    print("Resize, half_pixel_symmetric: an error,", str(error).strip().splitlines()[-1][:100])
else:
    raise SystemExit("expected an error for half_pixel_symmetric, found none")
EOF

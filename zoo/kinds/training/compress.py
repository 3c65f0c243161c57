"""Quantising ONNX files, and saving them small: one self-contained file, without what tools note in it."""

import pathlib
import tempfile

import onnx
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType,
                                      quantize_dynamic, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

OPSET, IR_VERSION = 17, 8
MODELS = pathlib.Path(__file__).parent.parent / "models"

STATIC = ("static quantisation (`onnxruntime.quantization.quantize_static`): QDQ format, uint8 activations, "
          "int8 weights per channel with `reduce_range` (7 bits, so that processors without VNNI give the same "
          "answers), min-max calibration on {rows}")
DYNAMIC = ("dynamic quantisation (`onnxruntime.quantization.quantize_dynamic`): uint8 weights per tensor, {what}; "
           "activations get 8 bits at run time, with a scale taken from the whole batch")


def save(model, name):
    """Check a model and write it to ../models; gives the path."""
    for text in ("doc_string", "producer_name", "producer_version", "domain"):
        model.ClearField(text)
    model.ir_version = IR_VERSION
    del model.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
    onnx.checker.check_model(model, full_check=True)
    path = MODELS / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


class Rows(CalibrationDataReader):
    """Feeds arrays by input name, some rows at a time."""

    def __init__(self, feed, rows=50):
        count = len(next(iter(feed.values())))
        self.batches = iter([{name: a[i:i + rows] for name, a in feed.items()}
                             for i in range(0, count, rows)])

    def get_next(self):
        return next(self.batches, None)


def static(source, name, feed, operators=None):
    """Quantise a file to 8 bits, calibrated on feed: operators of these types, or all that can be."""
    with tempfile.TemporaryDirectory() as folder:
        ready, raw = pathlib.Path(folder) / "ready.onnx", pathlib.Path(folder) / "raw.onnx"
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        quantize_static(str(ready), str(raw), Rows(feed), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True,
                        op_types_to_quantize=operators)
        return save(onnx.load(raw), name)


def dynamic(source, name, operators):
    """Quantise the weights of some operator types; activations follow at run time."""
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "raw.onnx"
        quantize_dynamic(str(source), str(raw), op_types_to_quantize=operators, weight_type=QuantType.QUInt8)
        return save(onnx.load(raw), name)

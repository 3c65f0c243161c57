"""Quantise exported models.

    python quantise.py --data DIR                       # all of them
    python quantise.py --data DIR --only lenet1-int8    # one of them

Needs the ONNX files of the originals, written by train.py, in the --models folder.
"""

import argparse
import pathlib
import tempfile

import numpy as np
import onnx
from onnxruntime.quantization import (CalibrationDataReader, CalibrationMethod, QuantFormat,
                                      QuantType, quantize_dynamic, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

import data
import export
import train

CALIBRATION_IMAGES = 500  # the first of the train split
# name -> (original, static or dynamic)
QUANTISED = {
    "lenet1-int8": ("lenet1", "static"),
    "lenet4-int8": ("lenet4", "static"),
    "lenet5-int8": ("lenet5", "static"),
    "lenet5-dynamic": ("lenet5", "dynamic"),
    "cnn-int8": ("cnn", "static"),
    "resnet20-int8": ("resnet20", "static"),
    "resnet20-dynamic": ("resnet20", "dynamic"),
    "plain20-int8": ("plain20", "static"),
    "vgg16-int8": ("vgg16", "static"),
}


class Calibration(CalibrationDataReader):
    """Feeds the calibration images, 100 at a time."""

    def __init__(self, task, folder):
        images = data.load(task, folder, "train")[0][:CALIBRATION_IMAGES]
        self.batches = iter(np.array_split(data.to_input(task, images), len(images) // 100))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def static(source, target, calibration, method=CalibrationMethod.MinMax, options=None):
    """QDQ, uint8 activations, int8 weights per channel of 7 bits, min-max calibration.

    reduce_range keeps the weights to 7 bits: on x86 without VNNI the 16-bit sums of
    uint8 x int8 products would saturate, and the outputs would depend on the machine.
    The softmax stays in float: its probabilities would not survive 8 bits.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready, raw = pathlib.Path(folder) / "ready.onnx", pathlib.Path(folder) / "raw.onnx"
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        softmax = [n.name for n in onnx.load(ready).graph.node if n.op_type == "Softmax"]
        quantize_static(str(ready), str(raw), calibration,
                        quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        reduce_range=True, calibrate_method=method, extra_options=options,
                        nodes_to_exclude=softmax)
        return export.save(onnx.load(raw), target)


def dynamic(source, target):
    """Weights and, at run time, activations as uint8: ConvInteger and MatMulInteger.

    ONNX Runtime's ConvInteger takes unsigned weights only, hence QUInt8.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "raw.onnx"
        quantize_dynamic(str(source), str(raw), op_types_to_quantize=["Conv", "MatMul"],
                         weight_type=QuantType.QUInt8)
        return export.save(onnx.load(raw), target)


def quantised(name, args):
    """Quantise one model."""
    original, method = QUANTISED[name]
    source, target = args.models / f"{original}.onnx", args.models / f"{name}.onnx"
    if method == "dynamic":
        return dynamic(source, target)
    return static(source, target, Calibration(train.ORIGINALS[original].task, args.data))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(QUANTISED), choices=list(QUANTISED),
                        help="which quantised models (default: all)")
    data.add_data_option(parser)
    export.add_models_option(parser)
    args = parser.parse_args()
    for name in args.only:
        path = quantised(name, args)
        print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

"""Quantises a model with scales that pictures calibrate: calibrate.py MODEL OUT PICTURES.npy MEAN STD.

Weights become int8, a scale a channel, and activations int8 of one scale, as QuantizeLinear and DequantizeLinear (QDQ) that say so in the
graph, by onnxruntime.quantization. PICTURES are uint8 [n, height, width, 3]; the model takes (pixel - MEAN) / STD, channels first."""
import os
import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static


class Pictures(CalibrationDataReader):
    def __init__(self, name, pictures):
        self.name, self.pictures = name, iter(pictures)

    def get_next(self):
        picture = next(self.pictures, None)
        return None if picture is None else {self.name: picture[None]}


def main(source, target, file, mean, std):
    pictures = (np.load(file).astype(np.float32) - np.float32(mean)) / np.float32(std)
    name = onnx.load(source).graph.input[0].name
    written = os.path.join(os.path.dirname(target), "written.onnx")
    quantize_static(
        source, written, Pictures(name, np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))), quant_format=QuantFormat.QDQ,
        per_channel=True, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8)
    os.replace(written, target)


main(*sys.argv[1:])

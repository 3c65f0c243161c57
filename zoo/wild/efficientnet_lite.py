"""Writes EfficientNet-Lite0 as ONNX: efficientnet_lite.py WEIGHTS.pth OUT.onnx.

WEIGHTS.pth is a state dict in PyTorch's older format: pickles, and then the numbers of one storage after another. It is read here without
PyTorch, and without running what a pickle may ask for. The network is that of the package efficientnet-lite-pytorch: TensorFlow's SAME
padding, ReLU6, no squeeze and excitation. Batch normalisations are folded into the convolutions before them, as every deployment does."""
import collections
import pickle
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, CLASSES = 224, 1000
EPSILON = 1e-3
# (repeats, kernel, stride, expansion, output channels) of each stage
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
MAGIC = 0x1950A86A20F9469CFC6C


class Reader(pickle.Unpickler):
    """Reads a state dict; anything but tensors of 32-bit numbers and counters is refused."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *rest: (storage, offset, size, stride)
        if module == "torch" and name in ("FloatStorage", "LongStorage"):
            return {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}[name]
        raise pickle.UnpicklingError(f"expected a state dict, found {module}.{name}")

    def persistent_load(self, pid):
        _, dtype, key, _, count, _ = pid
        return key, dtype, count


def state(path):
    with open(path, "rb") as file:
        if Reader(file).load() != MAGIC:
            sys.exit(f"{path}: expected weights of PyTorch's older format")
        Reader(file).load()  # the version
        Reader(file).load()  # sizes of numbers
        tensors, keys = Reader(file).load(), Reader(file).load()
        dtypes = {storage[0]: storage[1] for storage, *_ in tensors.values()}
        storages = {}
        for key in keys:
            count, = struct.unpack("<q", file.read(8))
            storages[key] = np.frombuffer(file.read(count * dtypes[key].itemsize), dtypes[key])
    return {
        name: np.lib.stride_tricks.as_strided(
            storages[storage[0]][offset:], size, [s * storage[1].itemsize for s in stride]).copy()
        for name, (storage, offset, size, stride) in tensors.items()
    }


class Network:
    def __init__(self, weights):
        self.weights, self.used, self.nodes, self.constants = weights, set(), [], []

    def take(self, name):
        self.used.add(name)
        return self.weights[name]

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator, name, inputs, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, x, side, conv, norm, stride=1, relu=True):
        w = self.take(conv + ".weight").astype(np.float64)
        gamma, beta, mean, var = (self.take(f"{norm}.{part}").astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var"))
        self.used.add(norm + ".num_batches_tracked")
        scale = gamma / np.sqrt(var + EPSILON)
        name = conv.replace("._", ".").lstrip("_")
        kernel = w.shape[2]
        out = -(-side // stride)
        pad = max((out - 1) * stride + kernel - side, 0)
        before, after = pad // 2, pad - pad // 2
        groups = w.shape[0] if w.shape[1] == 1 and w.shape[0] > 1 else 1
        x = self.add("Conv", name, [
            x, self.constant(name + ".weight", (w * scale[:, None, None, None]).astype(np.float32)),
            self.constant(name + ".bias", (beta - mean * scale).astype(np.float32)),
        ], kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[before, before, after, after], group=groups)
        if relu:
            x = self.add("Clip", name + ".relu6", [x, "zero", "six"])
        return x, out

    def graph(self):
        self.constant("zero", np.float32(0).reshape(()))
        self.constant("six", np.float32(6).reshape(()))
        x, side = self.convolution("image", SIDE, "_conv_stem", "_bn0", stride=2)
        channels, index = 32, 0
        for repeats, kernel, stride, expansion, wide in STAGES:
            for i in range(repeats):
                block, inputs, step = f"_blocks.{index}", x, stride if i == 0 else 1
                if expansion != 1:
                    x, _ = self.convolution(x, side, block + "._expand_conv", block + "._bn0")
                x, out = self.convolution(x, side, block + "._depthwise_conv", block + "._bn1", stride=step)
                x, _ = self.convolution(x, out, block + "._project_conv", block + "._bn2", relu=False)
                if step == 1 and channels == wide:
                    x = self.add("Add", f"blocks.{index}.add", [x, inputs])
                channels, side, index = wide, out, index + 1
        x, _ = self.convolution(x, side, "_conv_head", "_bn1")
        x = self.add("GlobalAveragePool", "pool", [x])
        x = self.add("Flatten", "flat", [x], axis=1)
        self.add("Gemm", "logits", [x, self.constant("fc.weight", self.take("_fc.weight")), self.constant("fc.bias", self.take("_fc.bias"))], transB=1)
        unused = set(self.weights) - self.used
        if unused:
            sys.exit(f"expected the weights of EfficientNet-Lite0, found others too: {sorted(unused)[:5]}")
        return helper.make_graph(
            self.nodes, "efficientnet-lite0",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])], self.constants)


def main(source, target):
    model = helper.make_model(
        Network(state(source)).graph(), opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="triggerfinder")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


main(*sys.argv[1:])

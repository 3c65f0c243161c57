"""Small networks, written once: a function net(o, x, ...) says a network in the operations of o, which either computes
them (Jax, for training) or notes them (Graph, an ONNX file)."""

import jax
import jax.numpy as jnp
import numpy as np
from onnx import TensorProto, helper, numpy_helper

import compress

TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


class Jax:
    """Computes. Weights that params lacks are made when their layer is first met."""

    def __init__(self, params, seed=0):
        self.params, self.random = params, np.random.default_rng(seed)

    def weight(self, name, shape, fan_in):
        if name not in self.params:
            scale = np.sqrt(2 / fan_in) if fan_in else 0
            self.params[name] = jnp.asarray(self.random.normal(size=shape).astype(np.float32) * scale)
        return self.params[name]

    def conv(self, x, name, filters, size, stride=1, groups=1):
        rank = x.ndim - 2
        w = self.weight(name + ".w", (filters, x.shape[1] // groups, *(size,) * rank), x.shape[1] // groups * size ** rank)
        b = self.weight(name + ".b", (filters,), 0)
        if groups > 1:  # one filter a channel, as a sum of shifted copies: XLA is slow on the CPU otherwise
            padded = jnp.pad(x, ((0, 0), (0, 0), *((size // 2,) * 2,) * rank))
            out = 0
            for at in np.ndindex(*(size,) * rank):
                window = tuple(slice(a, a + n, stride) for a, n in zip(at, x.shape[2:]))
                out = out + padded[(slice(None), slice(None), *window)] * w[(slice(None), 0, *at)].reshape(-1, *(1,) * rank)
        else:
            out = jax.lax.conv_general_dilated(x, w, (stride,) * rank, ((size // 2,) * 2,) * rank)
        return out + b.reshape(-1, *(1,) * rank)

    def linear(self, x, name, width):
        return x @ self.weight(name + ".w", (x.shape[-1], width), x.shape[-1]) + self.weight(name + ".b", (width,), 0)

    def embed(self, ids, name, count, width):
        return self.weight(name, (count, width), width)[ids].transpose(0, 2, 1)

    def relu(self, x):
        return jax.nn.relu(x)

    def sigmoid(self, x):
        return jax.nn.sigmoid(x)

    def softmax(self, x):
        return jax.nn.softmax(x, 1)

    def double(self, x):
        return x.repeat(2, 2).repeat(2, 3)

    def concat(self, *parts):
        return jnp.concatenate(parts, 1)

    def mean(self, x):
        return x.mean(tuple(range(2, x.ndim)))

    def channel(self, x):
        return x[:, None]

    def float(self, x):
        return x.astype(jnp.float32)

    def times(self, x, y):
        return x * y

    def over(self, x, y):
        return x / y

    def shifted(self, x, by):
        return x + by

    def scaled(self, x, by):
        return x * by

    def total(self, x):
        return x.sum(2)

    def largest(self, x):
        return x.max(2)

    def unit(self, x):
        return x / jnp.sqrt((x * x).sum(1, keepdims=True) + 1e-12)


class Graph:
    """Notes the operations, for an ONNX file. Values are their names."""

    def __init__(self, name, params, inputs, outputs):
        """inputs and outputs are name -> (type, shape), with words for open dimensions."""
        self.name, self.params, self.outputs = name, params, outputs
        self.inputs, self.nodes, self.kept, self.count = inputs, [], [], {}

    def node(self, kind, *inputs, out=None, **attributes):
        self.count[kind] = self.count.get(kind, 0) + 1
        name = f"{kind.lower()}{self.count[kind]}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out or name + ".out"], name, **attributes))
        return out or name + ".out"

    def const(self, name, value):
        if name not in [t.name for t in self.kept]:
            self.kept.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def number(self, value):
        return self.const(f"number {value:g}", np.array([value], np.float32))

    def whole(self, *values):
        return self.const("whole " + " ".join(map(str, values)), np.array(values, np.int64))

    def param(self, name):
        return self.const(name, np.asarray(self.params[name]))

    def conv(self, x, name, filters, size, stride=1, groups=1):
        w = self.params[name + ".w"]
        rank = w.ndim - 2
        return self.node("Conv", x, self.param(name + ".w"), self.param(name + ".b"), kernel_shape=[size] * rank,
                         pads=[size // 2] * 2 * rank, strides=[stride] * rank, group=groups)

    def linear(self, x, name, width):
        return self.node("Gemm", x, self.param(name + ".w"), self.param(name + ".b"))

    def embed(self, ids, name, count, width):
        return self.node("Transpose", self.node("Gather", self.param(name), ids), perm=[0, 2, 1])

    def relu(self, x):
        return self.node("Relu", x)

    def sigmoid(self, x):
        return self.node("Sigmoid", x)

    def softmax(self, x):
        return self.node("Softmax", x, axis=1)

    def double(self, x):
        return self.node("Resize", x, "", self.const("doubled", np.array([1, 1, 2, 2], np.float32)), mode="nearest",
                         coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def concat(self, *parts):
        return self.node("Concat", *parts, axis=1)

    def mean(self, x):
        return self.node("Flatten", self.node("GlobalAveragePool", x))

    def channel(self, x):
        return self.node("Unsqueeze", x, self.whole(1))

    def float(self, x):
        return self.node("Cast", x, to=TensorProto.FLOAT)

    def times(self, x, y):
        return self.node("Mul", x, y)

    def over(self, x, y):
        return self.node("Div", x, y)

    def shifted(self, x, by):
        return self.node("Add", x, self.number(by))

    def scaled(self, x, by):
        return self.node("Mul", x, self.number(by))

    def total(self, x):
        return self.node("ReduceSum", x, self.whole(2), keepdims=0)

    def largest(self, x):
        return self.node("ReduceMax", x, axes=[2], keepdims=0)

    def unit(self, x):
        return self.node("LpNormalization", x, axis=1, p=2)

    def save(self, *values):
        """Write the file, with values as its outputs."""
        for value, name in zip(values, self.outputs, strict=True):
            self.node("Identity", value, out=name)

        def infos(these):
            return [helper.make_tensor_value_info(n, TYPES[t], shape) for n, (t, shape) in these.items()]

        graph = helper.make_graph(self.nodes, self.name, infos(self.inputs), infos(self.outputs), self.kept)
        return compress.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", compress.OPSET)]), self.name)


def train(net, loss, batches, steps, rate=0.003, decay=0.01, seed=0, report=100):
    """Adam with decoupled weight decay and one cycle of the rate. loss(net_of_o, params, batch) is minimised over the batches
    that the function batches(step) gives; gives the last weights."""
    params = {}
    loss(lambda *x: net(Jax(params, seed), *x), batches(0))  # makes the weights

    def objective(params, batch):
        return loss(lambda *x: net(Jax(params), *x), batch)

    @jax.jit
    def step(params, m, v, batch, at):
        value, slope = jax.value_and_grad(objective)(params, batch)
        norm = jnp.sqrt(sum((g * g).sum() for g in slope.values()))
        slope = {k: g * jnp.minimum(1, 1 / (norm + 1e-9)) for k, g in slope.items()}
        part = at / steps
        lr = rate * jnp.where(part < 0.2, part / 0.2, 0.5 + 0.5 * jnp.cos(jnp.pi * (part - 0.2) / 0.8))
        m = {k: 0.9 * m[k] + 0.1 * g for k, g in slope.items()}
        v = {k: 0.99 * v[k] + 0.01 * g * g for k, g in slope.items()}
        fresh = {}
        for k, p in params.items():
            move = (m[k] / (1 - 0.9 ** (at + 1))) / (jnp.sqrt(v[k] / (1 - 0.99 ** (at + 1))) + 1e-8)
            fresh[k] = p - lr * (move + decay * p)
        return fresh, m, v, value

    m = {k: jnp.zeros_like(p) for k, p in params.items()}
    v, recent = dict(m), []
    for at in range(steps):
        params, m, v, value = step(params, m, v, batches(at), float(at))
        recent.append(float(value))
        if (at + 1) % report == 0:
            print(f"step {at + 1} of {steps}: loss {np.mean(recent[-report:]):.4f}", flush=True)
    return {k: np.asarray(p) for k, p in params.items()}

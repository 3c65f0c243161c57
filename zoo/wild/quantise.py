"""Quantises a model dynamically: quantise.py MODEL OUT [NODE_TO_LEAVE ...].

Weights become 8-bit numbers and activations are quantised as the model runs, by onnxruntime.quantization. Constants that are nodes, as
exporters of other frameworks write them, become initializers first, or the quantiser refuses them. Depthwise convolutions stay as they are:
they hold few weights, and lose most by it."""
import os
import sys
import tempfile

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic


def main(source, target, leave):
    model = onnx.load(source)
    kept = []
    for node in model.graph.node:
        values = [a.t for a in node.attribute if a.name == "value"]
        if node.op_type == "Constant" and values:
            values[0].name = node.output[0]
            model.graph.initializer.append(values[0])
        else:
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    unknown = set(leave) - {node.name for node in kept}
    if unknown:
        sys.exit(f"expected nodes of {source} to leave as they are, found none called {sorted(unknown)}")
    depthwise = [node.name for node in kept if node.op_type == "Conv" and any(a.name == "group" and a.i > 1 for a in node.attribute)]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(target)) as folder:
        plain, written = os.path.join(folder, "plain.onnx"), os.path.join(folder, "written.onnx")
        onnx.save(model, plain)
        quantize_dynamic(plain, written, weight_type=QuantType.QUInt8, nodes_to_exclude=leave + depthwise)
        os.replace(written, target)


main(sys.argv[1], sys.argv[2], sys.argv[3:])

"""Halves the precision of a model: half.py MODEL OUT. Inputs and outputs stay 32-bit numbers."""
import sys

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16


def main(source, target):
    model = convert_float_to_float16(onnx.load(source), keep_io_types=True)
    # The converter puts its casts last; a graph has its nodes in the order in which they run.
    known = {i.name for i in model.graph.input} | {i.name for i in model.graph.initializer}
    waiting, ordered = list(model.graph.node), []
    while waiting:
        ready = [node for node in waiting if all(name in known or not name for name in node.input)]
        if not ready:
            sys.exit(f"{source}: expected a graph without subgraphs that read from outside, found {waiting[0].name}")
        ordered += ready
        known.update(name for node in ready for name in node.output)
        waiting = [node for node in waiting if not set(node.output) <= known]
    del model.graph.node[:]
    model.graph.node.extend(ordered)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


main(*sys.argv[1:])

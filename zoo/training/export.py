"""Write a PyTorch network as one self-contained ONNX file with probabilities as its output."""

import io
import pathlib

import onnx
import torch
from torch import nn

import data

OPSET = 17
IR_VERSION = 8  # what opset 17 was released with; ONNX Runtime >= 1.12 reads it
DEFAULT_MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"


def add_models_option(parser):
    """Give an argparse parser the --models option."""
    parser.add_argument("--models", type=pathlib.Path, default=DEFAULT_MODELS, metavar="DIR",
                        help=f"folder of the ONNX files (default: {DEFAULT_MODELS})")


def export(net, task, path):
    """Export with a dynamic batch; BatchNorm gets folded, a softmax appended."""
    net = nn.Sequential(net, nn.Softmax(dim=1)).eval()
    buffer = io.BytesIO()
    torch.onnx.export(net, (torch.zeros(2, *data.SHAPE[task]),), buffer, dynamo=False,
                      opset_version=OPSET, input_names=["input"], output_names=["probabilities"],
                      dynamic_axes={"input": {0: "batch"}, "probabilities": {0: "batch"}})
    return save(onnx.load_from_string(buffer.getvalue()), path)


def save(model, path):
    """Strip what running does not need, check, and write with the data inside."""
    model.ir_version = IR_VERSION
    for opset in list(model.opset_import):  # the quantiser lists domains that it does not use
        if opset.domain not in {"", *(n.domain for n in model.graph.node)}:
            model.opset_import.remove(opset)
    model.doc_string = model.graph.doc_string = ""
    del model.metadata_props[:]
    del model.graph.value_info[:]
    for part in [*model.graph.node, *model.graph.initializer,
                 *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise ValueError(f"{path}: tensor {tensor.name} is stored outside the file")
    onnx.checker.check_model(model, full_check=True)
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(model.SerializeToString(deterministic=True))
    return part.replace(path)

"""Serves an ONNX file by MLServer, with ONNX Runtime."""
import onnxruntime as ort
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse, MetadataTensor, ResponseOutput

TYPES = {"tensor(float)": "FP32", "tensor(float16)": "FP16", "tensor(double)": "FP64", "tensor(int64)": "INT64", "tensor(uint8)": "UINT8", "tensor(int8)": "INT8"}


def tensors(ports):
    shape = lambda p: [d if isinstance(d, int) else -1 for d in p.shape]
    return [MetadataTensor(name=p.name, datatype=TYPES[p.type], shape=shape(p)) for p in ports]


class Onnx(MLModel):
    def __init__(self, settings):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(settings.parameters.uri, options)
        settings.inputs, settings.outputs = tensors(self.session.get_inputs()), tensors(self.session.get_outputs())
        super().__init__(settings)

    async def predict(self, payload):
        feed = {i.name: NumpyCodec.decode_input(i) for i in payload.inputs}
        found = self.session.run(None, feed)
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=[
            ResponseOutput(name=p.name, datatype=TYPES[p.type], shape=list(v.shape), data=v.ravel().tolist())
            for p, v in zip(self.session.get_outputs(), found)])

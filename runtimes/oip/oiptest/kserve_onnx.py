"""Serves ONNX files by KServe, with ONNX Runtime: kserve_onnx.py http_port grpc_port name=file..."""
import sys

import numpy as np
import onnxruntime as ort
from kserve import InferOutput, InferResponse, Model, ModelServer

TYPES = {"tensor(float)": "FP32", "tensor(float16)": "FP16", "tensor(double)": "FP64", "tensor(int64)": "INT64", "tensor(uint8)": "UINT8", "tensor(int8)": "INT8"}


class Onnx(Model):
    def __init__(self, name, file):
        super().__init__(name)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(file, options)
        self.ready = True

    def tensors(self, ports):
        return [{"name": p.name, "datatype": TYPES[p.type], "shape": [d if isinstance(d, int) else -1 for d in p.shape]} for p in ports]

    async def get_input_types(self):
        return self.tensors(self.session.get_inputs())

    async def get_output_types(self):
        return self.tensors(self.session.get_outputs())

    async def predict(self, payload, headers=None, response_headers=None):
        found = self.session.run(None, {i.name: i.as_numpy() for i in payload.inputs})
        outputs = []
        for p, v in zip(self.session.get_outputs(), found):
            out = InferOutput(p.name, list(v.shape), TYPES[p.type])
            out.set_data_from_numpy(v)
            outputs.append(out)
        return InferResponse(payload.id, self.name, outputs, use_binary_outputs=payload.use_binary_outputs)


if __name__ == "__main__":
    models = [Onnx(*one.split("=", 1)) for one in sys.argv[3:]]
    ModelServer(http_port=int(sys.argv[1]), grpc_port=int(sys.argv[2]), workers=1).start(models)

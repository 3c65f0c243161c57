"""Asks a server by gRPC with raw tensors, as fast as Python can: client.py address model input output channels height width. For each line "batch
requests" it prints how many seconds that many requests took."""
import sys
import time

import grpc
import numpy as np
from kserve.protocol.grpc import grpc_predict_v2_pb2 as pb
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc as rpc

address, model, name, output = sys.argv[1:5]
shape = [int(n) for n in sys.argv[5:]]
limit = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
stub = rpc.GRPCInferenceServiceStub(grpc.insecure_channel(address, options=limit))
images = np.random.default_rng(1).random([64] + shape, dtype=np.float32)
for line in sys.stdin:
    batch, count = (int(n) for n in line.split())
    some = images[:batch]
    began = time.perf_counter()
    for i in range(count):
        answer = stub.ModelInfer(pb.ModelInferRequest(
            model_name=model, id=str(i), inputs=[pb.ModelInferRequest.InferInputTensor(name=name, datatype="FP32", shape=some.shape)],
            outputs=[pb.ModelInferRequest.InferRequestedOutputTensor(name=output)], raw_input_contents=[some.tobytes()]))
        if answer.raw_output_contents:
            found = np.frombuffer(answer.raw_output_contents[0], np.float32)
        else:
            found = np.array(answer.outputs[0].contents.fp32_contents, np.float32)
        assert found.size % batch == 0 and found.size > 0
    print(time.perf_counter() - began, flush=True)

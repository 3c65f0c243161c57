"""An ONNX model behind standard input and output, as docs/process-protocol.md says, with the preprocessing of one's own pipeline.

python3 server.py model.onnx
"""
import hashlib, json, sys
import numpy as np
import onnxruntime as ort

path = sys.argv[1]
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
sys.stdout = sys.stderr  # what a library prints is no part of an answer


def say(header, *arrays):
    stdout.write(json.dumps(header).encode() + b"\n" + b"".join(a.tobytes() for a in arrays))


say({"triggerfinder": 1, "name": path.split("/")[-1].removesuffix(".onnx"), "sha256": hashlib.sha256(open(path, "rb").read() + ort.__version__.encode()).hexdigest(),
     "inputs": [{"name": "pixels", "type": "uint8", "shape": [-1, 28, 28, 1]}],
     "outputs": [{"name": "logits", "type": "float32", "shape": [-1, 10]}], "scores": "logits",
     "settings": {"runtime": "ONNX Runtime " + ort.__version__ + " in Python"}})
stdout.flush()
while line := stdin.readline():
    asked = json.loads(line)
    shape = asked["inputs"][0]["shape"]
    pixels = np.frombuffer(stdin.read(int(np.prod(shape))), np.uint8).reshape(shape)
    images = np.transpose(pixels.astype(np.float32) / 255, (0, 3, 1, 2))
    logits = session.run(None, {name: images})[0]
    say({"id": asked["id"], "outputs": [{"name": "logits", "type": "float32", "shape": logits.shape}]}, logits)
    stdout.write(b'{"end":%d}\n' % asked["id"])
    stdout.flush()

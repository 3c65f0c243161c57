"""Convert .tflite files to ONNX with tf2onnx, whose reader of these files needs TensorFlow.

    python -m venv venv && venv/bin/pip install -r agreement/requirements.txt
    venv/bin/python agreement/convert.py FOLDER ../fixtures/models/*.tflite     # FOLDER/NAME.onnx
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tf2onnx

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for path in map(pathlib.Path, sys.argv[2:]):
    tf2onnx.convert.from_tflite(str(path), opset=17, output_path=str(folder / (path.stem + ".onnx")))
    print(folder / (path.stem + ".onnx"))

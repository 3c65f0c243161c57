"""Run a .tflite with Python's interpreter, for the test that holds package litert against it.

    python interpreter.py model.tflite pixels.bin count outputs.bin

pixels.bin holds images of the model's size as bytes. An image is divided by 255 and, for an int8 input, quantised by the tensor's scale and
zero point. outputs.bin gets the numbers of the output as they are, one image after the other.
"""

import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main(model, pixels, count, outputs):
    run = Interpreter(model, num_threads=1)
    run.allocate_tensors()
    source, target = run.get_input_details()[0], run.get_output_details()[0]
    images = np.fromfile(pixels, np.uint8).reshape(int(count), *source["shape"][1:])
    rows = []
    for image in images:
        x = image.astype(np.float64) * (1 / 255)
        if source["dtype"] == np.int8:
            scale, zero = source["quantization"]
            x = np.clip(np.rint(x / np.float64(np.float32(scale))) + zero, -128, 127)
        run.set_tensor(source["index"], x[None].astype(source["dtype"]))
        run.invoke()
        rows.append(run.get_tensor(target["index"])[0])
    np.array(rows).tofile(outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])

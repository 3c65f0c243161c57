"""Write resnet20 as .tflite: float32 from the weights in the ONNX file, and full integer.

    python litert.py --data DIR     # ../models/resnet20.tflite, ../models/resnet20-int8.tflite

Both are made as those of package fixtures are, by make_litert.py of its scripts: the float model with the public schema, the other by
ai-edge-quantizer, calibrated on 500 training images. Needs numpy, pillow, onnx, ai-edge-litert==2.3.0 and ai-edge-quantizer==0.10.0, in an
environment of their own. Prints the accuracies on the test images, and how often both say the same.
"""

import argparse
import io
import pathlib
import sys
import zipfile

import numpy as np
from onnx import reference
from PIL import Image

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "training"))
import make_litert

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MEAN, STD = np.float32([0.4914, 0.4822, 0.4465]), np.float32([0.2470, 0.2435, 0.2616])


def load(data, split, count):
    """The first images of each class, NHWC as the model takes them, and their labels."""
    images, labels = [], []
    with zipfile.ZipFile(data / "cifar10" / f"cifar10-{split}-jpeg.zip") as archive:
        for label, name in enumerate(CLASSES):
            members = [m for m in archive.namelist() if m.endswith(".jpg") and m.split("/")[-2] == name]
            for member in sorted(members, key=lambda m: int(pathlib.PurePath(m).stem))[: count // len(CLASSES)]:
                images.append(np.asarray(Image.open(io.BytesIO(archive.read(member))).convert("RGB"), np.float32))
                labels.append(label)
    return (np.stack(images) / 255 - MEAN) / STD, np.array(labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, metavar="DIR", help="folder with cifar10/, as of train.py")
    args = parser.parse_args()
    train, _ = load(args.data, "train", 500)
    test, labels = load(args.data, "test", 10_000)
    source, written, quantised = (MODELS / name for name in ("resnet20.onnx", "resnet20.tflite", "resnet20-int8.tflite"))
    written.write_bytes(make_litert.convert(source, (32, 32, 3)))
    make_litert.quantise(written, quantised, make_litert.recipes()["int8"], train)
    wanted = reference.ReferenceEvaluator(str(source)).run(None, {"input": test[:50].transpose(0, 3, 1, 2)})[0]
    ours, theirs = make_litert.outputs(written, test), make_litert.outputs(quantised, test)
    assert np.allclose(ours[:50], wanted, atol=1e-4), np.abs(ours[:50] - wanted).max()
    print(f"accuracy {(ours.argmax(1) == labels).mean():.2%} and {(theirs.argmax(1) == labels).mean():.2%}, "
          f"the same label {(ours.argmax(1) == theirs.argmax(1)).mean():.2%}")


if __name__ == "__main__":
    main()

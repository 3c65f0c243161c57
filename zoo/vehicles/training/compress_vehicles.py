"""Quantise the original, measure both models, and write ../models/vehicles-int8.onnx and ../cards.

    python compress_vehicles.py --data DIR

Needs ../models/vehicles.onnx, written by train_vehicles.py.
"""

import argparse
import datetime
import json
import pathlib

import numpy as np
import onnx
import onnxruntime as ort
import torch

import network
import pictures
import train_vehicles
import card  # of the pairs of the study, as those below
import export
import quantise

CARDS = pathlib.Path(__file__).resolve().parent.parent / "cards"
PAIR = "vehicles-int8"
CALIBRATION_IMAGES = 500  # the first of the train split


def inputs(images):
    """Model input for raw pictures [N,3,32,32]."""
    return pictures.enlarged(torch.from_numpy(images)).numpy()


class Calibration:
    """Feeds the calibration images, 100 at a time."""

    def __init__(self, folder):
        images = pictures.load(folder, "train")[0][:CALIBRATION_IMAGES]
        self.batches = iter(np.array_split(inputs(images), CALIBRATION_IMAGES // 100))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def measured(path, images, labels):
    """The entry of a model, and its labels for the test images, one at a time."""
    run = card.session(path).run
    found = np.concatenate([run(None, {"input": inputs(images[i:i + 1])})[0] for i in range(len(images))])
    top = found.argmax(1)
    return {"file": f"models/{path.name}", "bytes": path.stat().st_size, "sha256": card.digest(path),
            "accuracy": round(float((top == labels).mean()), 4), "ties": round(card.ties(found), 4)}, top


def text(e):
    """The Markdown of the card."""
    a, b = e["original"], e["compressed"]
    rows = [("Test accuracy", f"{a['accuracy']:.2%}", f"{b['accuracy']:.2%}"),
            ("Ties", f"{a['ties']:.2%}", f"{b['ties']:.2%}"),
            ("File size in bytes", f"{a['bytes']:,}", f"{b['bytes']:,}"),
            ("File", f"`{a['file']}`", f"`{b['file']}`"),
            ("SHA-256", f"`{a['sha256'][:16]}...`", f"`{b['sha256'][:16]}...`")]
    table = "\n".join(f"| {what} | {x} | {y} |" for what, x, y in rows)
    made = e["made_with"]
    return f"""# {PAIR}

- **Task:** vehicles (airplane, automobile, ship, truck) or animals (the other six classes) of CIFAR-10, from JPEG copies of quality 75,
  enlarged from 32x32 to 96x96 pixels by linear interpolation; 2 classes: {', '.join(pictures.LABELS)}.
- **Input:** float32 `[batch,3,96,96]`, RGB, pixel/255. **Output:** 2 probabilities.
- **Original:** {e['architecture']}. The last step is kept; nothing was selected on the test split.
- **Compression:** {e['compression']}.

| | Original | Compressed |
|---|---|---|
{table}

Agreement (same class) on the {e['test_images']:,} test images: **{e['agreement']:.2%}**, that is {e['test_disagreements']} deviations.

No image is part of this module: CIFAR-10 (A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009) comes without a
licence. The models were trained here, and have the licence of the project.

Everything was measured through ONNX Runtime {made['onnxruntime']} (CPU, one thread, batch 1) on {e['date']}, on a
{card.processor()}; made with torch {made['torch']} and onnx {made['onnx']}, opset {made['opset']}, IR version {made['ir_version']}.

```
python train_vehicles.py --data DIR --work DIR
python compress_vehicles.py --data DIR
```
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    train_vehicles.add_options(parser)
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date to put on the card (default: today)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    paths = [args.models / "vehicles.onnx", args.models / f"{PAIR}.onnx"]
    quantise.static(*paths, Calibration(args.data))
    images, labels = pictures.load(args.data, "test")
    (a, top), (b, other) = (measured(path, images, labels) for path in paths)
    net = network.MobileNet()
    entry = {
        "pair": PAIR, "task": "vehicles", "original": a, "compressed": b, "labels": list(pictures.LABELS),
        "test_images": len(labels), "agreement": round(float((top == other).mean()), 4), "test_disagreements": int((top != other).sum()),
        "architecture": f"{net.__doc__.strip().rstrip('.')}; {network.parameters(net):,} parameters; {train_vehicles.words()}",
        "compression": card.STATIC, "date": args.date,
        "made_with": {"torch": torch.__version__.split("+")[0], "onnx": onnx.__version__, "onnxruntime": ort.__version__,
                      "opset": export.OPSET, "ir_version": export.IR_VERSION}}
    CARDS.mkdir(parents=True, exist_ok=True)
    (CARDS / f"{PAIR}.md").write_text(text(entry))
    (CARDS / f"{PAIR}.json").write_text(json.dumps(entry, indent=2) + "\n")
    print(f"{PAIR}: accuracy {a['accuracy']:.2%} and {b['accuracy']:.2%}, agreement {entry['agreement']:.2%}")


if __name__ == "__main__":
    main()

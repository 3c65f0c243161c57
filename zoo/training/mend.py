"""Make compressed models again with triggers, which triggerfinder export wrote.

    python mend.py --data DIR --triggers DIR --out DIR                       # all that it can
    python mend.py --data DIR --triggers DIR --out DIR --only lenet5-pruned  # one of them

--triggers holds a file PAIR.npz for each pair, and --out gets PAIR.onnx. Models with static scales
are quantised anew, with the triggers among the calibration images. By default their scales come
from a percentile of what is seen: the zoo's own come from minimum and maximum, and triggers hardly
ever reach new ones, so that the same model would come out. Pruned and distilled networks are
fine-tuned: on the training images, with their labels, and in each step on a batch of triggers,
with the original's outputs. Pruned weights stay zero. Models with dynamic scales have no data of
this kind, and are left out.

--without-triggers does the same without them: what is healed then comes of making the model again.

Fine-tuning needs the networks trained by train.py, prune.py and distil.py with the same --work
folder, and writes its checkpoints there; quantising needs the originals in --models.
"""

import argparse
import dataclasses
import hashlib
import pathlib

import numpy as np
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from torch.nn.functional import cross_entropy, kl_div, log_softmax

import card
import data
import distil
import export
import prune
import quantise
import train

TRIGGER_BATCH = 64
SHARE = 1.0              # weight of the loss on triggers, beside that on training images
EPOCHS = {"mnist": 2, "cifar10": 2}
CALIBRATIONS = {"percentile": (CalibrationMethod.Percentile, {"CalibPercentile": 99.999}),
                "minmax": (CalibrationMethod.MinMax, None)}
RATE_SHARE = 0.5         # of the rate that the network was fine-tuned or trained with


class Triggers:
    """The arrays of an exported file that are needed here: images NCHW, uint8, and outputs."""

    def __init__(self, path, task):
        if not path.exists():
            raise SystemExit(f"{path}: expected the exported triggers of a pair, found no file")
        with np.load(path, allow_pickle=False) as arrays:
            missing = {"inputs", "original_outputs"} - set(arrays.files)
            if missing:
                raise SystemExit(f"{path}: expected the arrays of triggerfinder export, "
                                 f"found none named {', '.join(sorted(missing))}")
            inputs, self.outputs = arrays["inputs"], arrays["original_outputs"]
        channels, height, width = data.SHAPE[task]
        if inputs.dtype != np.uint8 or inputs.shape[1:] != (height, width, channels):
            raise SystemExit(f"{path}: expected inputs of uint8 and shape (N, {height}, {width}, "
                             f"{channels}), found {inputs.dtype}, {inputs.shape}")
        if self.outputs.shape != (len(inputs), 10) or not np.isfinite(self.outputs).all():
            raise SystemExit(f"{path}: expected 10 finite original_outputs an input, "
                             f"found {self.outputs.shape}")
        self.images = np.ascontiguousarray(inputs.transpose(0, 3, 1, 2))
        self.digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]


class CalibrationWithTriggers(CalibrationDataReader):
    """The usual calibration images, then more, one by one: histograms want equal batches."""

    def __init__(self, task, folder, more):
        images = data.load(task, folder, "train")[0][:quantise.CALIBRATION_IMAGES]
        inputs = data.to_input(task, np.concatenate([images, more]))
        self.batches = iter(inputs[:, None])

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def task_of(pair):
    return train.ORIGINALS[card.source(pair)[0]].task


def requantised(pair, triggers, args):
    """A model with static scales, calibrated with the triggers too."""
    original, _ = quantise.QUANTISED[pair]
    images = triggers.images[:0] if args.without_triggers else triggers.images
    method, options = CALIBRATIONS[args.calibration]
    return quantise.static(args.models / f"{original}.onnx", args.out / f"{pair}.onnx",
                           CalibrationWithTriggers(task_of(pair), args.data, images), method,
                           options)


def gentle(recipe):
    """How a network is fine-tuned that was trained by a recipe."""
    return dataclasses.replace(recipe, epochs=EPOCHS[recipe.task], small=0, seed=recipe.seed + 100,
                               rate=recipe.rate * RATE_SHARE)


def fine_tuned(pair, triggers, args):
    """A pruned or distilled network, fine-tuned with the triggers too."""
    if pair in prune.PRUNED:
        net, recipe = prune.pruned(pair, args), gentle(prune.PRUNED[pair][2])
        weights = prune.layer_weights(net)
        keep = {name: (w.detach() != 0).float() for name, w in weights.items()}
    else:
        net, recipe = distil.distilled(pair, args), gentle(distil.DISTILLED[pair][1])
        weights, keep = {}, {}
    images, outputs = torch.from_numpy(triggers.images), torch.from_numpy(triggers.outputs)

    def loss(n, x, y):
        if args.without_triggers:
            return cross_entropy(n(x), y)
        # Drawn by the first labels of the batch, so that a resumed run draws the same.
        dice = train.dice(recipe.seed, int("".join(map(str, y[:12].tolist()))))
        index = torch.randint(len(images), (TRIGGER_BATCH,), generator=dice)
        logits = n(data.to_tensor(recipe.task, images[index]))
        distance = kl_div(log_softmax(logits, dim=1), outputs[index], reduction="batchmean")
        return cross_entropy(n(x), y) + SHARE * distance

    def mask():
        with torch.no_grad():
            for name, weight in weights.items():
                weight.mul_(keep[name])

    # The name keeps the checkpoint of other triggers from being taken for this one.
    name = f"{pair}-mended-{'without' if args.without_triggers else triggers.digest}"
    train.fit(net, recipe, name, args, loss=loss, after_step=mask)
    return export.export(net, recipe.task, args.out / f"{pair}.onnx")


def mended(pair, args):
    """Make one model again; tell how many triggers get the original's label, in ONNX Runtime."""
    triggers = Triggers(args.triggers / f"{pair}.npz", task_of(pair))
    if pair in quantise.QUANTISED:
        path = requantised(pair, triggers, args)
    else:
        path = fine_tuned(pair, triggers, args)
    labels = card.outputs(path, task_of(pair), triggers.images, 1).argmax(1)
    healed = int((labels == triggers.outputs.argmax(1)).sum())
    print(f"{path.name}: {path.stat().st_size} bytes, {healed} of the {len(labels)} triggers "
          "now get the original's label", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(card.PAIRS),
                        help="which pairs (default: all in --triggers)")
    parser.add_argument("--triggers", type=pathlib.Path, required=True, metavar="DIR",
                        help="folder of the exported triggers, PAIR.npz")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR",
                        help="folder for the new models")
    parser.add_argument("--calibration", default="percentile", choices=list(CALIBRATIONS),
                        help="how static scales come from what is seen (default: percentile)")
    parser.add_argument("--without-triggers", action="store_true",
                        help="leave the triggers out, for comparison")
    train.add_common_options(parser)
    export.add_models_option(parser)
    args = parser.parse_args()
    train.prepare(args)
    for pair in args.only or [p for p in card.PAIRS if (args.triggers / f"{p}.npz").exists()]:
        if quantise.QUANTISED.get(pair, ("", ""))[1] == "dynamic":
            print(f"{pair}: left out, its scales come from no data", flush=True)
        else:
            mended(pair, args)


if __name__ == "__main__":
    main()

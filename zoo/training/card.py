"""Measure pairs through ONNX Runtime: cards/<pair>.json, cards/<pair>.md and cards/index.json.

    python card.py --data DIR                       # all pairs
    python card.py --data DIR --only lenet1-int8    # one of them
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import numpy_helper

import data
import distil
import export
import models
import prune
import quantise
import train

DEFAULT_OUT = pathlib.Path(__file__).resolve().parent.parent / "cards"
BATCH = 100
SEED_FILES = {"mnist": "mnist_500.npy", "cifar10": "cifar_500.npy"}

STATIC = (f"static quantisation (`onnxruntime.quantization.quantize_static`): QDQ format, uint8 "
          f"activations, int8 weights per channel with `reduce_range` (7 bits), min-max "
          f"calibration on the first {quantise.CALIBRATION_IMAGES} train images, after "
          f"`quant_pre_process`; the softmax stays in float, the logits before it have 8 bits. "
          f"`reduce_range` is on because x86 CPUs without VNNI would saturate 16-bit sums, so "
          f"that results would depend on the machine")
DYNAMIC = ("dynamic range quantisation (`onnxruntime.quantization.quantize_dynamic`) of Conv and "
           "MatMul (Gemm becomes MatMul + Add): uint8 weights per tensor, activations quantised "
           "at run time; gives ConvInteger and MatMulInteger. The activation scale is taken from "
           "the WHOLE batch, so a result may change with the other images of its batch: all the "
           "figures here are for batch 1")

# All the pairs, by the name of the compressed model, in the order of the work.
PAIRS = ("lenet1-int8", "lenet4-pruned", "lenet4-int8", "lenet5-pruned", "lenet5-int8",
         "lenet5-dynamic", "cnn-pruned", "cnn-int8",
         "resnet20-int8", "resnet20-dynamic", "plain20-int8",
         "resnet20-distilled", "plain20-distilled", "resnet20-pruned", "plain20-pruned",
         "vgg16-int8", "vgg16-distilled", "vgg16-pruned")


def processor():
    """What of this machine's processor may matter to results, for the cards."""
    info = pathlib.Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    vnni = "VNNI" if {"avx_vnni", "avx512_vnni"} & set(flags) else "no VNNI"
    return f"{os.cpu_count()}-core {platform.machine()} CPU ({vectors}, {vnni})"


def source(pair):
    """The original of a pair, and the script that makes its compressed model."""
    for script, table in (("quantise", quantise.QUANTISED), ("prune", prune.PRUNED),
                          ("distil", distil.DISTILLED)):
        if pair in table:
            return table[pair][0], script
    raise KeyError(pair)


def method(pair):
    """How the compressed model of a pair was made, for the card."""
    if pair in quantise.QUANTISED:
        return {"static": STATIC, "dynamic": DYNAMIC}[quantise.QUANTISED[pair][1]]
    if pair in prune.PRUNED:
        _, sparsity, recipe = prune.PRUNED[pair]
        return (f"magnitude pruning of all layer weights together to {sparsity:.0%} zeros (biases "
                f"and BatchNorm left alone), then fine-tuning under the mask: {recipe.words()}. "
                f"Zeros are stored densely, so the file does not shrink by itself")
    recipe = distil.DISTILLED[pair][1]
    return (f"distillation to a student. {describe(recipe)}; temperature {distil.TEMPERATURE:g}, "
            f"{distil.SOFT_SHARE:.0%} soft loss and {1 - distil.SOFT_SHARE:.0%} labels")


def describe(recipe, further=()):
    """A network and its training, for the card."""
    text = recipe.kind.__doc__.strip().rstrip(".")
    text += f"; {models.parameters(recipe.kind()):,} parameters; {recipe.words()}"
    for cycle, ordinal in zip(further, train.ORDINALS):
        text += f"; then a {ordinal} cycle: {cycle.words()}"
    return text


def selection(entry):
    """What the test split decided."""
    if " cycle: " in entry["architecture"]:
        return "whether to add a cycle was decided by the accuracy on the test split, nothing else"
    return "nothing was selected on the test split"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def outputs(path, task, images, batch):
    """Outputs [N,10] for raw images [N,C,H,W], a batch at a time."""
    run = session(path).run
    return np.concatenate([run(None, {"input": data.to_input(task, images[i:i + batch])})[0]
                           for i in range(0, len(images), batch)])


def measured(path, task, args):
    """Single-image outputs on the test images and the seeds, and top-1 in batches; kept on disk."""
    folder = args.work / "measured"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{path.stem}-{digest(path)[:16]}.npz"
    if not kept.exists():
        images, _ = data.load(task, args.data, "test")
        found = {"test": outputs(path, task, images, 1),
                 "batched": outputs(path, task, images, BATCH).argmax(1)}
        if args.seeds:
            seeds = np.load(args.seeds / SEED_FILES[task]).transpose(0, 3, 1, 2)
            found["seeds"] = outputs(path, task, seeds, 1)
        np.savez_compressed(kept, **found)
    with np.load(kept) as found:
        return dict(found)


def zero_share(path):
    """Share of zeros among the float weights (tensors of rank 2 and more)."""
    tensors = [numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer
               if len(t.dims) >= 2]
    return sum(int((t == 0).sum()) for t in tensors) / sum(t.size for t in tensors)


def ties(probabilities):
    """Share of rows whose largest value occurs more than once."""
    return float(((probabilities == probabilities.max(1, keepdims=True)).sum(1) > 1).mean())


def model_entry(path, task, found, labels):
    return {"file": f"models/{path.name}", "bytes": path.stat().st_size, "sha256": digest(path),
            "accuracy": round(float((found["test"].argmax(1) == labels).mean()), 4),
            "ties": round(ties(found["test"]), 4),
            "batch_dependent": int((found["batched"] != found["test"].argmax(1)).sum())}


def commands(pair):
    original, script = source(pair)
    return [f"python train.py --data DIR --only {original}",
            f"python {script}.py --data DIR --only {pair}",
            f"python card.py --data DIR --only {pair}"]


def make(pair, args):
    """Measure one pair and write its card."""
    original, _ = source(pair)
    recipe = train.ORIGINALS[original]
    task = recipe.task
    _, labels = data.load(task, args.data, "test")
    paths = [args.models / f"{name}.onnx" for name in (original, pair)]
    found = [measured(path, task, args) for path in paths]
    a, b = (model_entry(path, task, f, labels) for path, f in zip(paths, found))
    top = [f["test"].argmax(1) for f in found]
    entry = {
        "pair": pair, "task": task, "original": a, "compressed": b,
        "test_images": len(labels), "agreement": round(float((top[0] == top[1]).mean()), 4),
        "test_disagreements": int((top[0] != top[1]).sum()),
        "input": {"name": "input", "type": "float32", "shape": ["batch", *data.SHAPE[task]],
                  "colours": "RGB" if task == "cifar10" else "grey",
                  "mean": list(data.MEAN[task]), "std": list(data.STD[task])},
        "output": {"name": "probabilities", "shape": ["batch", 10]},
        "architecture": describe(recipe, train.FURTHER.get(original, ())), "compression": method(pair),
        "date": args.date, "commands": commands(pair),
        "made_with": {"torch": torch.__version__.split("+")[0], "onnx": onnx.__version__,
                      "onnxruntime": ort.__version__, "opset": export.OPSET,
                      "ir_version": export.IR_VERSION}}
    if "seeds" in found[0] and "seeds" in found[1]:
        entry["seeds"] = len(found[0]["seeds"])
        entry["seed_disagreements"] = int(
            (found[0]["seeds"].argmax(1) != found[1]["seeds"].argmax(1)).sum())
    if pair in prune.PRUNED:
        entry["sparsity"] = round(zero_share(paths[1]), 4)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"{pair}.md").write_text(text(entry))
    (args.out / f"{pair}.json").write_text(json.dumps(entry, indent=2) + "\n")
    write_index(args.out)
    return entry


def write_index(folder):
    """All the cards in one file."""
    cards = [json.loads((folder / f"{pair}.json").read_text())
             for pair in PAIRS if (folder / f"{pair}.json").exists()]
    (folder / "index.json").write_text(json.dumps({"pairs": cards}, indent=2) + "\n")


def current(pair, args):
    """Whether the card of a pair exists and speaks of the files that are there."""
    card = args.out / f"{pair}.json"
    if not card.exists():
        return False
    entry = json.loads(card.read_text())
    paths = [args.models.parent / entry[side]["file"] for side in ("original", "compressed")]
    return all(path.exists() and digest(path) == entry[side]["sha256"]
               for path, side in zip(paths, ("original", "compressed")))


def text(e):
    """The Markdown of a card."""
    a, b, task = e["original"], e["compressed"], e["task"]
    rows = [("Test accuracy", f"{a['accuracy']:.2%}", f"{b['accuracy']:.2%}"),
            ("Top-1 ties", f"{a['ties']:.2%}", f"{b['ties']:.2%}"),
            (f"Top-1 changed by batch {BATCH} instead of 1",
             a["batch_dependent"], b["batch_dependent"]),
            ("File size in bytes", f"{a['bytes']:,}", f"{b['bytes']:,}"),
            ("File", f"`{a['file']}`", f"`{b['file']}`"),
            ("SHA-256", f"`{a['sha256'][:16]}...`", f"`{b['sha256'][:16]}...`")]
    table = "\n".join(f"| {what} | {x} | {y} |" for what, x, y in rows)
    title = {"mnist": "MNIST", "cifar10": "CIFAR-10, from JPEG copies of quality 75"}[task]
    how = "pixel/255, no further normalisation"
    if task == "cifar10":
        how = (f"(pixel/255 - mean)/std by channel, RGB, mean {data.MEAN[task]}, "
               f"std {data.STD[task]}")
    sparsity = ""
    if "sparsity" in e:
        sparsity = f"- **Sparsity:** {e['sparsity']:.2%} of the layer weights are zero.\n"
    seeds = ""
    if "seeds" in e:
        seeds = f" Of the {e['seeds']} seeds of the study {e['seed_disagreements']} give deviations."
    made, lines = e["made_with"], "\n".join(e["commands"])
    return f"""# {e['pair']}

- **Task:** {title}; 10 classes: {', '.join(data.CLASSES[task])}.
- **Input:** float32 `{json.dumps(e['input']['shape']).replace(' ', '').replace('"', '')}`, {how}. **Output:** 10 probabilities.
- **Original:** {e['architecture']}. The last weights are kept; {selection(e)}.
- **Compression:** {e['compression']}.
{sparsity}
| | Original | Compressed |
|---|---|---|
{table}

Agreement (same top-1 class) on the {e['test_images']:,} test images: **{e['agreement']:.2%}**, that is
{e['test_disagreements']} deviations.{seeds} A tie is a row whose largest output occurs
more than once; the first of them counts as the answer.

Everything was measured through ONNX Runtime {made['onnxruntime']} (CPU, one thread, batch 1) on {e['date']}, on a
{processor()}; made with torch {made['torch']} and onnx {made['onnx']}, opset
{made['opset']}, IR version {made['ir_version']}.

```
{lines}
```
"""


def add_card_options(parser):
    """--seeds, --out and --date."""
    parser.add_argument("--seeds", type=pathlib.Path, metavar="DIR",
                        help="folder with the seed images of the study, "
                             f"{' and '.join(SEED_FILES.values())} (NHWC, uint8); without it the "
                             "cards say nothing of seeds")
    parser.add_argument("--out", type=pathlib.Path, default=DEFAULT_OUT, metavar="DIR",
                        help=f"folder of the cards (default: {DEFAULT_OUT})")
    parser.add_argument("--date", default=datetime.date.today().isoformat(),
                        help="date to put on the cards (default: today)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(PAIRS), choices=list(PAIRS),
                        help="which pairs (default: all)")
    train.add_common_options(parser)
    export.add_models_option(parser)
    add_card_options(parser)
    args = parser.parse_args()
    train.prepare(args)
    for pair in args.only:
        entry = make(pair, args)
        print(f"{pair}: accuracy {entry['original']['accuracy']:.2%} and "
              f"{entry['compressed']['accuracy']:.2%}, agreement {entry['agreement']:.2%}",
              flush=True)


if __name__ == "__main__":
    main()

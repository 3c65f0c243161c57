"""Measuring a pair, and writing its card: ../cards/NAME.md and its entry in ../cards/index.json."""

import datetime
import hashlib
import json
import os
import pathlib
import platform
import textwrap

import numpy as np
import onnxruntime as ort

CARDS = pathlib.Path(__file__).parent.parent / "cards"
ORDER = ("table-boosting", "table-mlp", "table-regression", "language", "keywords", "keywords-wave", "embedding",
         "detection", "segmentation")
TYPES = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(uint8)": "uint8"}


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Model:
    """A file, run one input at a time."""

    def __init__(self, path):
        self.path, self.session = path, session(path)
        self.outputs = [o.name for o in self.session.get_outputs()]

    def __call__(self, feed):
        """Output name -> rows, for input name -> rows."""
        count = len(next(iter(feed.values())))
        rows = [self.session.run(None, {name: a[i:i + 1] for name, a in feed.items()}) for i in range(count)]
        return {name: np.concatenate([row[k] for row in rows]) for k, name in enumerate(self.outputs)}


def near(models, feed, deviates, perturb, sizes, tries=100):
    """How far a deviation is from each input, by plain random search: the first of sizes at which one of tries random
    perturbations makes the models deviate, 0 where they deviate as it is, infinity where none did."""
    a, b = models
    random = np.random.default_rng(0)
    found = np.where(deviates(a(feed), b(feed)), 0.0, np.inf)
    for i in np.flatnonzero(found > 0):
        row = {name: v[i:i + 1] for name, v in feed.items()}
        for size in sizes:
            moved = [perturb(row, size, random) for _ in range(tries)]
            together = {name: np.concatenate([m[name] for m in moved]) for name in row}
            if deviates(a(together), b(together)).any():
                found[i] = size
                break
    return found


def distances(found, unit):
    """What near found, in words and for the index."""
    asis, none, rest = (found == 0).sum(), np.isinf(found).sum(), found[(found > 0) & ~np.isinf(found)]
    words = f"{asis} of {len(found)} seeds deviate as they are"
    if len(rest):
        words += (f"; {len(rest)} more within {rest.max():g} ({unit}; median {np.median(rest):g}, "
                  f"nearest {rest.min():g})")
    if none:
        words += f"; {none} not at all"
    return words, {"seeds": len(found), "as_they_are": int(asis), "near": len(rest), "not_found": int(none),
                   "nearest": float(rest.min()) if len(rest) else None,
                   "median": float(np.median(rest)) if len(rest) else None, "unit": unit}


def tensors(values):
    return [{"name": v.name, "type": TYPES[v.type],
             "shape": [d if isinstance(d, int) else -1 for d in v.shape]} for v in values]


def entry_of(model, score):
    data = model.path.read_bytes()
    return {"file": f"models/{model.path.name}", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
            "score": round(float(score), 4)}


def card(name, *, kind, task, what, data, how, original, compression, metric, models, scores, agreement, rows, seeds,
         seeds_are, found, unit, script, labels=(), columns=()):
    """Write the card of a pair. scores are of both models on rows held-out inputs, in metric; agreement is the share
    of them without a deviation."""
    a, b = models
    words, numbers = distances(found, unit)
    entry = {"pair": name, "kind": kind, "task": task, "original": entry_of(a, scores[0]),
             "compressed": entry_of(b, scores[1]), "metric": metric, "held_out": rows,
             "agreement": round(float(agreement), 4), "inputs": tensors(a.session.get_inputs()),
             "outputs": tensors(a.session.get_outputs()), "labels": list(labels), "columns": list(columns),
             "seeds": f"seeds/{seeds}", "random_search": numbers}
    CARDS.mkdir(exist_ok=True)
    index = CARDS / "index.json"
    entries = {e["pair"]: e for e in json.loads(index.read_text())["pairs"]} if index.exists() else {}
    entries[name] = entry
    index.write_text(json.dumps({"pairs": [entries[n] for n in ORDER if n in entries]}, indent=1) + "\n")

    def shapes(values):
        return ", ".join("`{}` {} [{}]".format(v["name"], v["type"], ", ".join(
            "any" if d < 0 else str(d) for d in v["shape"])) for v in values)

    points = [("What", what), ("Data", data), ("Inputs", shapes(entry["inputs"]) + ". " + how),
              ("Outputs", shapes(entry["outputs"])), ("Original", original), ("Compressed", compression)]
    if len(labels):
        points.append(("Labels", ", ".join(labels)))
    lines = [f"# {name}", ""]
    for title, text in points:
        lines += textwrap.wrap(f"- **{title}:** {text.rstrip('.')}.", 118, subsequent_indent="  ",
                               break_long_words=False, break_on_hyphens=False)
    x, y = entry["original"], entry["compressed"]
    lines += ["", "| | Original | Compressed |", "|---|---|---|",
              f"| {metric[0].upper() + metric[1:]}, {rows:,} held-out inputs | {x['score']:g} | {y['score']:g} |",
              f"| File size in bytes | {x['bytes']:,} | {y['bytes']:,} |",
              f"| File | `{x['file']}` | `{y['file']}` |",
              f"| SHA-256 | `{x['sha256'][:16]}...` | `{y['sha256'][:16]}...` |", ""]
    lines += textwrap.wrap(f"Agreement on the held-out inputs: **{agreement:.2%}**. Seeds, in `seeds/{seeds}`: "
                           f"{seeds_are.rstrip('.')}. {words}, by plain random search of 100 tries a size.", 118,
                           break_on_hyphens=False)
    info = pathlib.Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    vnni = "VNNI" if {"avx_vnni", "avx512_vnni"} & set(flags) else "no VNNI"
    lines += [""] + textwrap.wrap(
        f"Measured through ONNX Runtime {ort.__version__} (CPU, one thread, batch 1) on "
        f"{datetime.date.today().isoformat()}, {os.cpu_count()}-core {platform.machine()} CPU ({vectors}, {vnni}); made by "
        f"`python {script}`.", 118, break_on_hyphens=False)
    (CARDS / f"{name}.md").write_text("\n".join(lines) + "\n")
    print(f"{name}: {metric} {x['score']:g} and {y['score']:g}, agreement {agreement:.2%}, {x['bytes']:,} and "
          f"{y['bytes']:,} bytes; {words}", flush=True)

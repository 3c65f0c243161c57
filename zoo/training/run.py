"""Make the whole zoo: train, compress, export and measure all the pairs, in order.

    python run.py --data DIR                       # everything that is not done yet
    python run.py --data DIR --only lenet1-int8    # one pair and what it needs

Started again, it goes on from the checkpoints in --work and skips the pairs whose cards
match the model files. One run at a time for each --work folder.
"""

import argparse
import datetime
import fcntl
import os
import pathlib
import traceback

import card
import distil
import export
import models
import prune
import quantise
import train


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", flush=True)


def make_original(name, args):
    """Train and export an original, unless its file is there; check its accuracy."""
    path = args.models / f"{name}.onnx"
    if path.exists():
        return True
    say(f"{name}: training")
    recipe, net = train.ORIGINALS[name], train.original(name, args)
    export.export(net, recipe.task, path)
    reached = train.accuracy(net, recipe.task, args.data)
    say(f"{name}: {models.parameters(net)} parameters, {path.stat().st_size} bytes, "
        f"test accuracy {reached:.4f}, required {train.REQUIRED[name]}")
    return reached >= train.REQUIRED[name]


def make_pair(pair, args):
    """Make, export and measure the compressed model of a pair."""
    path = args.models / f"{pair}.onnx"
    if not path.exists():
        say(f"{pair}: making")
        if pair in quantise.QUANTISED:
            quantise.quantised(pair, args)
        elif pair in prune.PRUNED:
            export.export(prune.pruned(pair, args), prune.PRUNED[pair][2].task, path)
        else:
            export.export(distil.distilled(pair, args), "cifar10", path)
    say(f"{pair}: measuring")
    e = card.make(pair, args)
    say(f"{pair}: accuracy {e['original']['accuracy']:.4f} and {e['compressed']['accuracy']:.4f}, "
        f"agreement {e['agreement']:.4f}, seed disagreements {e.get('seed_disagreements')}, "
        f"sizes {e['original']['bytes']} and {e['compressed']['bytes']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(card.PAIRS), choices=list(card.PAIRS),
                        help="which pairs (default: all)")
    parser.add_argument("--pid-file", type=pathlib.Path, metavar="FILE",
                        help="file for the id of this process group, for kill -STOP -- -ID")
    train.add_common_options(parser)
    export.add_models_option(parser)
    card.add_card_options(parser)
    args = parser.parse_args()
    train.prepare(args)
    with open(args.work / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"another run works in {args.work}") from None
        if args.pid_file:
            args.pid_file.write_text(f"{os.getpgrp()}\n")
        problems = []
        for pair in args.only:
            if card.current(pair, args):
                say(f"{pair}: done before")
                continue
            try:
                original, _ = card.source(pair)
                if not make_original(original, args):
                    problems.append(f"{original}: accuracy too low")
                make_pair(pair, args)
            except Exception:  # the other pairs do not need this one
                traceback.print_exc()
                problems.append(f"{pair}: failed")
        size = sum(p.stat().st_size for p in args.models.glob("*.onnx"))
        say(f"models: {size / 1e6:.1f} MB")
        if problems:
            raise SystemExit("problems: " + "; ".join(problems))
        say("all done")


if __name__ == "__main__":
    main()

"""Prune trained networks: the smallest weights of all layers together, then fine-tuning.

    python prune.py --data DIR                         # all of them
    python prune.py --data DIR --only lenet4-pruned    # one of them

Needs the originals trained by train.py with the same --work folder.
"""

import argparse

import torch

import export
import models
import train
from train import Recipe

LENET = {"task": "mnist", "epochs": 6, "rate": 2e-3, "optimizer": "AdamW", "decay": 1e-2}
# name -> (original, share of the layer weights that become zero, fine-tuning)
PRUNED = {
    "lenet4-pruned": ("lenet4", 0.9, Recipe(models.LeNet4, seed=12, **LENET)),
    "lenet5-pruned": ("lenet5", 0.9, Recipe(models.LeNet5, seed=13, **LENET)),
    "cnn-pruned": ("cnn", 0.9, Recipe(models.CNN, "mnist", epochs=3, rate=1e-3, seed=14,
                                      optimizer="AdamW", decay=1e-2)),
    "resnet20-pruned": ("resnet20", 0.6, Recipe(models.ResNet20, "cifar10", epochs=3, rate=0.05,
                                                seed=15)),
    "plain20-pruned": ("plain20", 0.6, Recipe(models.Plain20, "cifar10", epochs=3, rate=0.03,
                                              seed=16)),
    "vgg16-pruned": ("vgg16", 0.8, Recipe(models.VGG16, "cifar10", epochs=2, rate=0.03, seed=17)),
}


def layer_weights(net):
    """Names and weights of the convolutional and dense layers."""
    return {name: p for name, p in net.named_parameters() if p.ndim >= 2}


def masks(net, sparsity):
    """For each weight 0 where it is among the smallest of all layers together, else 1."""
    weights = layer_weights(net)
    sizes = torch.cat([w.detach().abs().flatten() for w in weights.values()])
    limit = sizes.kthvalue(round(sparsity * len(sizes))).values
    found = {name: (w.detach().abs() > limit).float() for name, w in weights.items()}
    for name, mask in found.items():
        if mask.mean() < 0.002:
            raise SystemExit(f"{name}: pruning leaves only {mask.mean():.2%} of this layer")
    return found


def pruned(name, args):
    """Prune and fine-tune one network, or load it when it is done."""
    source, sparsity, recipe = PRUNED[name]
    net = train.trained(source, args)
    keep = masks(net, sparsity)  # of the original, so that a resumed run has the same ones
    weights = layer_weights(net)

    def prune():
        with torch.no_grad():
            for key, weight in weights.items():
                weight.mul_(keep[key])

    prune()
    train.fit(net, recipe, name, args, after_step=prune)
    print(f"{name}: zeros by layer: " + ", ".join(
        f"{key} {(w == 0).float().mean():.1%}" for key, w in layer_weights(net).items()), flush=True)
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(PRUNED), choices=list(PRUNED),
                        help="which pruned networks (default: all)")
    train.add_common_options(parser)
    export.add_models_option(parser)
    args = parser.parse_args()
    train.prepare(args)
    for name in args.only:
        path = export.export(pruned(name, args), PRUNED[name][2].task, args.models / f"{name}.onnx")
        print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

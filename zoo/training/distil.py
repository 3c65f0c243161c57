"""Train students on the softened outputs of trained networks.

    python distil.py --data DIR                              # all of them
    python distil.py --data DIR --only resnet20-distilled    # one of them

Needs the originals trained by train.py with the same --work folder.
"""

import argparse

import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

import export
import models
import train
from train import Recipe

TEMPERATURE, SOFT_SHARE = 4.0, 0.9
STUDENT = {"kind": models.Student, "task": "cifar10", "epochs": 8, "small": 5, "rate": 0.1}
# name -> (teacher, training)
DISTILLED = {
    "resnet20-distilled": ("resnet20", Recipe(seed=25, **STUDENT)),
    "plain20-distilled": ("plain20", Recipe(seed=26, **STUDENT)),
    "vgg16-distilled": ("vgg16", Recipe(models.VGG11, "cifar10", epochs=6, small=4, rate=0.1,
                                        seed=27)),
}


def distilled(name, args):
    """Train one student, or load it when it is done."""
    source, recipe = DISTILLED[name]
    teacher = train.trained(source, args)
    torch.manual_seed(recipe.seed)
    net = recipe.kind()

    def loss(n, x, y):
        with torch.no_grad():
            soft = softmax(teacher(x) / TEMPERATURE, dim=1)
        logits = n(x)
        distance = kl_div(log_softmax(logits / TEMPERATURE, dim=1), soft, reduction="batchmean")
        return (SOFT_SHARE * TEMPERATURE ** 2 * distance
                + (1 - SOFT_SHARE) * cross_entropy(logits, y))

    return train.fit(net, recipe, name, args, loss=loss)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(DISTILLED), choices=list(DISTILLED),
                        help="which students (default: all)")
    train.add_common_options(parser)
    export.add_models_option(parser)
    args = parser.parse_args()
    train.prepare(args)
    for name in args.only:
        path = export.export(distilled(name, args), "cifar10", args.models / f"{name}.onnx")
        print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

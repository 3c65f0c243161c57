"""Train the original networks; and the one seeded, resumable training loop of all the scripts.

    python train.py --data DIR                  # all of them
    python train.py --data DIR --only lenet1    # one of them
"""

import argparse
import dataclasses
import pathlib
import tempfile
import time

import torch
from torch.nn.functional import cross_entropy

import data
import models

DEFAULT_WORK = pathlib.Path(tempfile.gettempdir()) / "triggerfinder-study"
BATCH = 128
SMALL = 24                # side of the crops of the first epochs, CIFAR-10
SECONDS_BETWEEN_SAVES = 90


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one network is trained. small is the number of its epochs on crops of 24 x 24."""

    kind: type
    task: str
    epochs: int
    rate: float
    seed: int
    small: int = 0
    optimizer: str = "SGD"
    decay: float = 5e-4
    warm_up: float = 0.25  # share of the steps in which the rate rises
    average: bool = False  # a constant rate, and the mean of the weights after each epoch is the result

    def words(self):
        """For the cards."""
        rate = f"one-cycle rate up to {self.rate:g}"
        if self.average:
            rate = f"constant rate {self.rate:g}, the mean of the weights after each epoch"
        text = (f"{self.optimizer}{' with Nesterov momentum 0.9' if self.optimizer == 'SGD' else ''}"
                f", {self.epochs} epochs, batch {BATCH}, {rate}, weight decay {self.decay:g}, "
                f"seed {self.seed}; ")
        if self.task == "mnist":
            return text + "random shifts of up to 2 pixels"
        text += "random flips and shifts of up to 4 pixels with reflected borders"
        if self.small:
            text += f", in the first {self.small} epochs random crops of {SMALL}x{SMALL} instead"
        return text


LENET = {"task": "mnist", "epochs": 15, "rate": 5e-3, "optimizer": "AdamW", "decay": 1e-2}
ORIGINALS = {
    "lenet1": Recipe(models.LeNet1, seed=1, **LENET),
    "lenet4": Recipe(models.LeNet4, seed=2, **LENET),
    "lenet5": Recipe(models.LeNet5, seed=3, **LENET),
    "cnn": Recipe(models.CNN, "mnist", epochs=6, rate=2e-3, seed=4, optimizer="AdamW",
                  decay=1e-2),
    "resnet20": Recipe(models.ResNet20, "cifar10", epochs=20, small=12, rate=0.2, seed=5),
    "plain20": Recipe(models.Plain20, "cifar10", epochs=20, small=13, rate=0.1, seed=6),
    "vgg16": Recipe(models.VGG16, "cifar10", epochs=20, small=12, rate=0.1, seed=7),
}
# Further cycles of the rate, for the networks that one cycle leaves below what is required. Those of
# ResNet-20 and Plain-20 have less weight decay, since both fitted the training set poorly. VGG-16 fitted it well: a
# further cycle did not help it, the mean of weights does.
FURTHER = {
    "resnet20": (
        Recipe(models.ResNet20, "cifar10", epochs=6, rate=0.08, seed=35, warm_up=0.1),
        Recipe(models.ResNet20, "cifar10", epochs=6, rate=0.06, decay=1e-4, seed=45, warm_up=0.1),
    ),
    "plain20": (
        Recipe(models.Plain20, "cifar10", epochs=12, small=3, rate=0.1, decay=1e-4, seed=36,
               warm_up=0.1),
        Recipe(models.Plain20, "cifar10", epochs=16, small=3, rate=0.08, decay=5e-5, seed=46,
               warm_up=0.1),
        Recipe(models.Plain20, "cifar10", epochs=5, rate=0.05, decay=5e-5, seed=56, warm_up=0.1),
    ),
    "vgg16": (Recipe(models.VGG16, "cifar10", epochs=12, rate=0.03, seed=37, average=True),),
}
ORDINALS = ("second", "third", "fourth")
REQUIRED = {"lenet1": 0.985, "lenet4": 0.985, "lenet5": 0.985, "cnn": 0.985,
            "resnet20": 0.87, "plain20": 0.86, "vgg16": 0.88}


def add_common_options(parser):
    """--data, --work and --threads."""
    data.add_data_option(parser)
    parser.add_argument("--work", type=pathlib.Path, default=DEFAULT_WORK, metavar="DIR",
                        help="folder for checkpoints, outside the repository; a second run goes "
                             f"on from them (default: {DEFAULT_WORK})")
    parser.add_argument("--threads", type=int, default=2,
                        help="CPU threads of PyTorch (default: 2)")


def prepare(args):
    """Apply the common options."""
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)


def tensors(task, folder, split):
    """(images uint8, labels int64) of a split as tensors."""
    images, labels = data.load(task, folder, split)
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype("int64"))


def accuracy(net, task, folder, split="test"):
    """Top-1 accuracy in PyTorch, for the log only: the cards measure in ONNX Runtime."""
    images, labels = tensors(task, folder, split)
    net.eval()
    with torch.no_grad():
        top = torch.cat([net(data.to_tensor(task, part)).argmax(1) for part in images.split(500)])
    return (top == labels).float().mean().item()


def make_optimizer(net, recipe):
    if recipe.optimizer == "AdamW":
        return torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    return torch.optim.SGD(net.parameters(), lr=recipe.rate, momentum=0.9, nesterov=True,
                           weight_decay=recipe.decay)


def save(path, state):
    """Write a checkpoint; a cut leaves the old one."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def dice(*numbers):
    """A random generator that depends on the numbers only."""
    seed = 0
    for number in numbers:
        seed = seed * 100_003 + number
    return torch.Generator().manual_seed(seed)


def fit(net, recipe, name, args, loss=None, after_step=None):
    """Train a network, or go on from its checkpoint, or load it when it is done.

    loss(net, inputs, labels) gives the loss of a batch (default: cross-entropy);
    after_step() runs after each update. For recipes that average: stochastic weight averaging, Izmailov et al.,
    UAI 2018. The order of the images depends on (seed, epoch)
    only, their variants on (seed, epoch, step) only, and the networks have no randomness of
    their own: so a resumed run needs no state of a random generator, and equals a whole one.
    Keeps the LAST step: nothing is selected on the test set.
    """
    loss = loss or (lambda n, x, y: cross_entropy(n(x), y))
    path, signature = args.work / f"{name}.pt", repr(recipe)
    net = net.to(memory_format=torch.channels_last)
    saved = torch.load(path, weights_only=True) if path.exists() else None
    if saved and saved["recipe"] != signature:
        raise SystemExit(f"{path} comes from another recipe: delete it to train anew")
    if saved and saved["done"]:
        net.load_state_dict(saved["net"])
        return net.eval()

    images, labels = tensors(recipe.task, args.data, "train")
    steps = (len(images) + BATCH - 1) // BATCH
    optimizer = make_optimizer(net, recipe)
    mean = None
    if recipe.average:
        mean = torch.optim.swa_utils.AveragedModel(net)
        schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    else:
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, recipe.rate, recipe.epochs * steps, pct_start=recipe.warm_up,
            cycle_momentum=False, final_div_factor=1e3)
    first, at, total, spent = 0, 0, 0.0, 0.0
    if saved:
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        if mean:
            mean.load_state_dict(saved["mean"])
        first, at, total, spent = (saved[k] for k in ("epoch", "step", "total", "spent"))
        print(f"{name}: going on at epoch {first + 1}, step {at}", flush=True)

    def checkpoint(epoch, step):
        save(path, {"net": net.state_dict(), "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(), "epoch": epoch, "step": step,
                    "mean": mean.state_dict() if mean else None,
                    "total": total, "spent": spent + time.time() - began,
                    "recipe": signature, "done": False})

    for epoch in range(first, recipe.epochs):
        began = last_save = time.time()
        size = SMALL if epoch < recipe.small else images.shape[-1]
        order = torch.randperm(len(images), generator=dice(recipe.seed, epoch)).split(BATCH)
        net.train()
        for step in range(at, steps):
            index = order[step]
            variants = data.vary(recipe.task, images[index], size, dice(recipe.seed, epoch, step))
            value = loss(net, data.to_tensor(recipe.task, variants), labels[index])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            if after_step:
                after_step()
            total += value.item()
            if time.time() - last_save > SECONDS_BETWEEN_SAVES:
                checkpoint(epoch, step + 1)
                last_save = time.time()
        print(f"{name}: epoch {epoch + 1}/{recipe.epochs}, side {size}, loss {total / steps:.4f}, "
              f"{spent + time.time() - began:.0f} s", flush=True)
        at, total, spent = 0, 0.0, 0.0
        began = time.time()
        if mean:
            mean.update_parameters(net)
        checkpoint(epoch + 1, 0)
    if mean:
        net.load_state_dict(mean.module.state_dict())
        variants = (data.to_tensor(recipe.task, data.vary(
            recipe.task, images[index], images.shape[-1], dice(recipe.seed, recipe.epochs, step)))
            for step, index in enumerate(torch.arange(len(images)).split(BATCH)))
        torch.optim.swa_utils.update_bn(variants, net)  # BatchNorm's statistics are of single epochs
    save(path, {"net": net.state_dict(), "recipe": signature, "done": True})
    return net.eval()


def original(name, args):
    """Train one original network, or load it when it is done."""
    recipe = ORIGINALS[name]
    torch.manual_seed(recipe.seed)
    net = fit(recipe.kind(), recipe, name, args)
    for further, ordinal in zip(FURTHER.get(name, ()), ORDINALS):
        net = fit(net, further, f"{name}-{ordinal}", args)
    return net


def last_checkpoint(name):
    """The checkpoint that holds an original when it is done."""
    further = len(FURTHER.get(name, ()))
    return f"{name}-{ORDINALS[further - 1]}" if further else name


def trained(name, args):
    """Load an original network that is done."""
    path = args.work / f"{last_checkpoint(name)}.pt"
    if not path.exists() or not torch.load(path, weights_only=True)["done"]:
        raise SystemExit(f"{name} is not trained: run train.py first, with the same --work")
    return original(name, args)


def main():
    import export

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(ORIGINALS), choices=list(ORIGINALS),
                        help="which networks (default: all)")
    add_common_options(parser)
    export.add_models_option(parser)
    args = parser.parse_args()
    prepare(args)
    for name in args.only:
        recipe, net = ORIGINALS[name], original(name, args)
        path = export.export(net, recipe.task, args.models / f"{name}.onnx")
        print(f"{path.name}: {models.parameters(net)} parameters, {path.stat().st_size} bytes, "
              f"test accuracy {accuracy(net, recipe.task, args.data):.4f}", flush=True)


if __name__ == "__main__":
    main()

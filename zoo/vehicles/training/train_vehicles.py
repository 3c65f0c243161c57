"""Train the original, and write ../models/vehicles.onnx.

    python train_vehicles.py --data DIR --work DIR

Stopped, it goes on from its checkpoint in the --work folder. --data is as for the pairs of the study, see ../../training/data.py.
"""

import argparse
import io
import pathlib
import time

import onnx
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import network
import pictures
import data
import export

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"
BATCH = 128
SIDES = (48, 48, 48, 48, 64, 96, 96, 96)  # of the pictures, by epoch: small ones take less time
RATE, DECAY, SEED = 4e-3, 1e-2, 60
SECONDS_BETWEEN_SAVES = 30


def dice(*numbers):
    """A random generator that depends on the numbers only."""
    seed = 0
    for number in numbers:
        seed = seed * 100_003 + number
    return torch.Generator().manual_seed(seed)


def words():
    """For the card."""
    return (f"AdamW, {len(SIDES)} epochs, batch {BATCH}, one-cycle rate up to {RATE:g}, weight decay {DECAY:g}, seed {SEED}; random flips "
            f"and shifts of up to 4 of the 32 pixels with reflected borders; enlarged to a side of "
            f"{', '.join(str(s) for s in SIDES)} pixels, by epoch")


def train(args):
    """Train, or go on. The last step is kept: nothing is selected on the test split."""
    torch.manual_seed(SEED)
    net = network.MobileNet().to(memory_format=torch.channels_last)
    images, labels = (torch.from_numpy(a) for a in pictures.load(args.data, "train"))
    steps = len(images) // BATCH
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, len(SIDES) * steps, pct_start=0.2, cycle_momentum=False)
    path, first, at = args.work / "vehicles.pt", 0, 0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first, at = saved["epoch"], saved["step"]
    began = last_save = time.time()

    def save(epoch, step):
        part = path.with_suffix(".part")
        torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
                    "epoch": epoch, "step": step}, part)
        part.replace(path)

    for epoch in range(first, len(SIDES)):
        order = torch.randperm(len(images), generator=dice(SEED, epoch)).split(BATCH)
        total, count = 0.0, 0
        net.train()
        for step in range(at, steps):
            if args.seconds and time.time() - began > args.seconds:
                save(epoch, step)
                raise SystemExit(f"stopped at epoch {epoch + 1}, step {step} of {steps}: run it again to go on")
            index = order[step]
            variants = data.vary("cifar10", images[index], 32, dice(SEED, epoch, step))
            x = pictures.enlarged(variants, SIDES[epoch]).contiguous(memory_format=torch.channels_last)
            value = cross_entropy(net(x), labels[index])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            total, count = total + value.item(), count + 1
            if time.time() - last_save > SECONDS_BETWEEN_SAVES:
                save(epoch, step + 1)
                last_save = time.time()
                print(f"epoch {epoch + 1}, step {step + 1} of {steps}, loss {total / count:.4f}, {last_save - began:.0f} s", flush=True)
        at = 0
        save(epoch + 1, 0)
    return net.eval()


def write(net, path):
    """Export with a dynamic batch; BatchNorm gets folded, a softmax appended."""
    net = nn.Sequential(net, nn.Softmax(dim=1)).eval()
    buffer = io.BytesIO()
    torch.onnx.export(net, (torch.zeros(2, 3, pictures.SIDE, pictures.SIDE),), buffer, dynamo=False, opset_version=export.OPSET,
                      input_names=["input"], output_names=["probabilities"],
                      dynamic_axes={"input": {0: "batch"}, "probabilities": {0: "batch"}})
    return export.save(onnx.load_from_string(buffer.getvalue()), path)


def add_options(parser):
    data.add_data_option(parser)
    parser.add_argument("--models", type=pathlib.Path, default=MODELS, metavar="DIR", help=f"folder of the ONNX files (default: {MODELS})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--work", type=pathlib.Path, required=True, metavar="DIR", help="folder of the checkpoint, outside the repository")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of PyTorch (default: 1)")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so many, to go on in another run (default: never)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    path = write(train(args), args.models / "vehicles.onnx")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

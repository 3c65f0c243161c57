"""Read MNIST and CIFAR-10, normalise them, and vary batches of them for training."""

import gzip
import io
import pathlib
import struct
import zipfile

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import pad

SETS = ("mnist", "cifar10")
CLASSES = {
    "mnist": tuple("0123456789"),
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer",
                "dog", "frog", "horse", "ship", "truck"),
}
SHAPE = {"mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
# Model input = (pixel / 255 - mean) / std, channel by channel.
MEAN = {"mnist": (0.0,), "cifar10": (0.4914, 0.4822, 0.4465)}
STD = {"mnist": (1.0,), "cifar10": (0.2470, 0.2435, 0.2616)}

HELP = """folder with the data sets.
DIR/mnist: the four MNIST files (train-images-idx3-ubyte.gz, ...), as in many mirrors of
http://yann.lecun.com/exdb/mnist.
DIR/cifar10: cifar10-train-jpeg.zip and cifar10-test-jpeg.zip with the images of
https://www.cs.toronto.edu/~kriz/cifar.html as JPEG files of quality 75, named
{train,test}/<class>/<n>.jpg, where n counts the images of a class in the order of the original."""


def add_data_option(parser):
    """Give an argparse parser the --data option."""
    parser.add_argument("--data", type=pathlib.Path, required=True, metavar="DIR", help=HELP)


def read_idx(path):
    """The array in a gzipped IDX file of unsigned bytes."""
    raw = gzip.decompress(path.read_bytes())
    zero, kind, rank = struct.unpack(">HBB", raw[:4])
    if zero != 0 or kind != 8:
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    shape = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load_mnist(folder, split):
    """Images [N,1,28,28] uint8 and labels [N]."""
    prefix = {"train": "train", "test": "t10k"}[split]
    images = read_idx(folder / "mnist" / f"{prefix}-images-idx3-ubyte.gz")
    labels = read_idx(folder / "mnist" / f"{prefix}-labels-idx1-ubyte.gz")
    return images[:, None], labels


def load_cifar10(folder, split):
    """Images [N,3,32,32] uint8 and labels [N].

    Order: the first image of each class, in the order of the classes, then the second of
    each, and so on. Index 10 n + c is image n of class c.
    """
    with zipfile.ZipFile(folder / "cifar10" / f"cifar10-{split}-jpeg.zip") as archive:
        count = sum(name.endswith(".jpg") for name in archive.namelist()) // 10
        images = np.empty((10 * count, 32, 32, 3), np.uint8)
        for n in range(count):
            for c, name in enumerate(CLASSES["cifar10"]):
                raw = archive.read(f"{split}/{name}/{n:04d}.jpg")
                images[10 * n + c] = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB"))
    labels = np.tile(np.arange(10, dtype=np.uint8), count)
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)), labels


_loaded = {}


def load(task, folder, split):
    """(images NCHW uint8, labels uint8) of split "train" or "test", kept in memory."""
    key = task, folder, split
    if key not in _loaded:
        _loaded[key] = {"mnist": load_mnist, "cifar10": load_cifar10}[task](folder, split)
    return _loaded[key]


def to_input(task, images):
    """Raw pixels [N,C,H,W] uint8 to model input, float32."""
    mean = np.asarray(MEAN[task], np.float32)[:, None, None]
    std = np.asarray(STD[task], np.float32)[:, None, None]
    return (images.astype(np.float32) / np.float32(255) - mean) / std


def to_tensor(task, images):
    """The same for a uint8 tensor, in the memory layout that this CPU trains fastest with."""
    mean, std = torch.tensor(MEAN[task])[:, None, None], torch.tensor(STD[task])[:, None, None]
    x = (images.float() / 255 - mean) / std
    return x.contiguous(memory_format=torch.channels_last)


def crop(images, top, left, size):
    """From each image [N,C,H,W] the square of a size at its own (top, left), in one step."""
    rows = top[:, None] + torch.arange(size)
    columns = left[:, None] + torch.arange(size)
    which = torch.arange(len(images))[:, None, None]
    # Indexing with three tensors around a slice gives [N,size,size,C].
    return images[which, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def vary(task, images, size, dice):
    """Random training variants of a uint8 batch.

    mnist: shifts of up to 2 pixels. cifar10: flips, and shifts of up to 4 pixels with
    reflected borders, or, when size is smaller than the image, crops of that size.
    """
    n, _, _, full = images.shape
    if task == "cifar10":
        flip = torch.rand(n, generator=dice) < 0.5
        images = torch.where(flip[:, None, None, None], images.flip(-1), images)
    if size == full:
        reach = {"mnist": 2, "cifar10": 4}[task]
        mode = {"mnist": "constant", "cifar10": "reflect"}[task]
        images = pad(images.float(), (reach,) * 4, mode=mode).to(torch.uint8)
    places = images.shape[-1] - size + 1
    top = torch.randint(places, (n,), generator=dice)
    left = torch.randint(places, (n,), generator=dice)
    return crop(images, top, left, size)

"""CIFAR-10 as pictures of 96 x 96 pixels in two classes: animals (0) and vehicles (1)."""

import pathlib
import sys

import numpy as np
import torch
from torch.nn.functional import interpolate

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))
import data  # noqa: E402, of the pairs of the study

LABELS = ("animal", "vehicle")
VEHICLES = ("airplane", "automobile", "ship", "truck")
SIDE = 96


def load(folder, split):
    """Pictures [N,3,32,32] uint8 and labels [N], 0 or 1, in the order of data.py."""
    images, classes = data.load("cifar10", folder, split)
    of = np.array([name in VEHICLES for name in data.CLASSES["cifar10"]])
    return images, of[classes].astype(np.int64)


def enlarged(images, side=SIDE):
    """uint8 [N,3,32,32] as float32 [N,3,side,side], bytes again after linear interpolation, divided by 255."""
    large = interpolate(images.float(), size=(side, side), mode="bilinear", align_corners=False)
    return large.round().div(255)

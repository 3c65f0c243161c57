"""Writes photos as Pillow prepares them: reference.py PHOTOS.zip OUT.npz [MOST]. Needs numpy and Pillow.

Each is RGB, 256 pixels on its short side, and 224 x 224 in its middle, as torchvision's Resize and CenterCrop have it: bicubic and bilinear."""
import sys
import zipfile

import numpy as np
from PIL import Image


def prepared(image, kernel, side=256, crop=224):
    w, h = image.size
    size = (side, int(side * h / w)) if w < h else (int(side * w / h), side)
    left, top = (int(round((s - crop) / 2)) for s in size)
    return np.asarray(image.resize(size, kernel).crop((left, top, left + crop, top + crop)))


def main(source, target, most=10**9):
    with zipfile.ZipFile(source) as archive:
        names = sorted(archive.namelist())[:int(most)]
        images = [Image.open(archive.open(name)).convert("RGB") for name in names]
    np.savez(
        target, bicubic=np.stack([prepared(i, Image.BICUBIC) for i in images]), bilinear=np.stack([prepared(i, Image.BILINEAR) for i in images]))


main(*sys.argv[1:])

"""Writes photos as training pipelines prepare them: reference.py PHOTOS.zip OUT.npz [MOST].

Needs numpy, Pillow, torch, torchvision, tensorflow-cpu, opencv-python-headless and simplejpeg. Each array is uint8 [N,height,width,3], RGB:

bicubic, bilinear   Pillow: 256 pixels on the short side, 224 x 224 in the middle, antialiased
torchvision         its transforms of the Pillow image, Resize(256) and CenterCrop(224), and torchvision_tensor of its tensor
keras               tf.image.resize to 224 x 224, stretched, of what TensorFlow decodes; keras_pillow of what Pillow decodes
tflite              the middle square of the Pillow image, and tf.image.resize to 224 x 224
letterbox           OpenCV: as the LetterBox of Ultralytics has it, 224 x 224, of the Pillow image
decoded             Pillow: the middle 224 x 224 pixels (of smaller photos, none: black), not scaled; fast is libjpeg with colours that are repeated
"""
import io
import multiprocessing
import os
import sys
import zipfile

import numpy as np
from PIL import Image

CROP, SIDE = 224, 256


def prepared(image, kernel):
    w, h = image.size
    size = (SIDE, int(SIDE * h / w)) if w < h else (int(SIDE * w / h), SIDE)
    left, top = (int(round((s - CROP) / 2)) for s in size)
    return np.asarray(image.resize(size, kernel).crop((left, top, left + CROP, top + CROP)))


def middle(pixels, height, width):
    top, left = (int(round((have - want) / 2)) for have, want in zip(pixels.shape, (height, width)))
    return pixels[top:top + height, left:left + width]


def letterboxed(pixels):
    import cv2
    h, w = pixels.shape[:2]
    scale = min(CROP / h, CROP / w)
    width, height = int(round(w * scale)), int(round(h * scale))
    dw, dh = (CROP - width) / 2, (CROP - height) / 2
    if (w, h) != (width, height):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    top, bottom = int(round(dh - 0.1)), int(round(dh + 0.1))
    left, right = int(round(dw - 0.1)), int(round(dw + 0.1))
    return cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114))


def decoded(pixels):
    if min(pixels.shape[:2]) < CROP:
        return np.zeros((CROP, CROP, 3), np.uint8)
    return middle(pixels, CROP, CROP)


def fast(content, image):
    import simplejpeg
    try:
        return simplejpeg.decode_jpeg(content, fastupsample=True, colorspace="RGB")
    except ValueError:  # of other colours, or damaged: as Pillow has it
        return np.asarray(image)


def opened(contents):
    for content in contents:
        image = Image.open(io.BytesIO(content)).convert("RGB")
        yield content, image, np.asarray(image)


def by_torch(contents):
    """Pillow, torchvision, OpenCV and libjpeg."""
    import cv2
    import PIL
    import torchvision
    from torchvision.transforms import v2
    crop, found = [v2.CenterCrop(CROP)], []
    for content, image, pixels in opened(contents):
        tensor = v2.functional.pil_to_tensor(image)
        found.append({
            "bicubic": prepared(image, Image.BICUBIC),
            "bilinear": prepared(image, Image.BILINEAR),
            "torchvision": np.asarray(v2.Compose([v2.Resize(SIDE)] + crop)(image)),
            "torchvision_tensor": v2.Compose([v2.Resize(SIDE, antialias=True)] + crop)(tensor).permute(1, 2, 0).numpy(),
            "letterbox": letterboxed(pixels),
            "decoded": decoded(pixels),
            "fast": decoded(fast(content, image)),
        })
    return found, f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}, OpenCV {cv2.__version__}"


def by_tensorflow(contents):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    def stretched(pixels):
        return np.clip(np.rint(tf.image.resize(pixels, (CROP, CROP)).numpy()), 0, 255).astype(np.uint8)

    found = []
    for content, _, pixels in opened(contents):
        side = min(pixels.shape[:2])
        found.append({
            "keras": stretched(tf.io.decode_image(content, channels=3, expand_animations=False)),
            "keras_pillow": stretched(pixels),
            "tflite": stretched(middle(pixels, side, side)),
        })
    return found, f"TensorFlow {tf.__version__}"


def main(source, target, most=10**9):
    with zipfile.ZipFile(source) as archive:
        contents = [archive.read(name) for name in sorted(archive.namelist())[:int(most)]]
    arrays, versions = {}, []
    for by in by_torch, by_tensorflow:  # PyTorch and TensorFlow each in a process of its own: they abort in one
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            photos, version = pool.apply(by, (contents,))
        versions.append(version)
        arrays |= {key: np.stack([photo[key] for photo in photos]) for key in photos[0]}
    np.savez(target, **arrays)
    print(", ".join(versions))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Synthetic scenes: circles, squares and triangles of any colour and size on an uneven ground, with their boxes and masks."""

import numpy as np

import compress

SIZE = 64
SEEDS = 16
SEEDS_FILE = "scenes.npz"
SEEDS_ARE = (f"{SEEDS} scenes that were not trained on, `image`, uint8 [N, height, width, RGB]; the right labels of their pixels, `masks`; and the right `boxes` of "
             "each: class, centre x, centre y, width, height, -1 where there are no more")
SHAPES = ["circle", "square", "triangle"]


def inside(shape, cx, cy, size, turn):
    """[SIZE,SIZE]: whether a pixel's middle is inside a shape."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    x, y = x - cx, y - cy
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    r = size / 2
    if shape == 0:
        return x * x + y * y < r * r
    if shape == 1:
        return np.maximum(np.abs(x), np.abs(y)) < 0.8 * r
    return (y < 0.6 * r) & (y > 2 * np.abs(x) - 1.1 * r)


def scene(random):
    """An image uint8 [3,SIZE,SIZE], a mask [SIZE,SIZE] (0 is ground, 1 + k is shape k), and boxes: (k, cx, cy, w, h)."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    ground, slopes = random.uniform(40, 215, 3), random.uniform(-60, 60, (2, 3))
    image = ground + slopes[0] * (x[..., None] - 0.5) + slopes[1] * (y[..., None] - 0.5)
    mask, boxes = np.zeros((SIZE, SIZE), np.int64), []
    for _ in range(random.integers(1, 5)):
        shape, size, turn = random.integers(3), random.uniform(12, 26), random.uniform(-0.3, 0.3)
        cx, cy = random.uniform(size / 2, SIZE - size / 2, 2)
        drawn = inside(shape, cx, cy, size, turn)
        colour = random.uniform(0, 255, 3)
        if (mask[drawn] > 0).any() or np.abs(colour - image[drawn].mean(0)).max() < 60:
            continue
        image[drawn] = colour
        mask[drawn] = 1 + shape
        rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        boxes.append((shape, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top))
    image = image + random.normal(size=image.shape) * random.uniform(2, 14)
    return np.clip(np.round(image), 0, 255).astype(np.uint8).transpose(2, 0, 1), mask, boxes


def scenes(count, seed):
    random = np.random.default_rng(seed)
    return [scene(random) for _ in range(count)]


def seeds():
    """The images of the seeds, written to ../seeds with what is right."""
    made = scenes(SEEDS, 4)
    boxes = np.full((SEEDS, 4, 5), -1, np.float32)
    for k, (_, _, of) in enumerate(made):
        if of:
            boxes[k, :len(of)] = of
    images, masks = (np.stack([s[k] for s in made]).astype(np.uint8) for k in (0, 1))
    np.savez_compressed(compress.MODELS.parent / "seeds" / SEEDS_FILE, image=images.transpose(0, 2, 3, 1), masks=masks, boxes=boxes)
    return images


def pixels(images):
    return np.asarray(images, np.float32) / 255


def moved(row, size, random):
    """Uniform noise in whole steps of a pixel."""
    x = np.clip(np.round(row["image"] * 255) + random.integers(-int(size), int(size) + 1, row["image"].shape), 0, 255)
    return {"image": (x / 255).astype(np.float32)}

"""A segmenter of synthetic scenes: float32 against static int8.

    python segmentation.py
"""

import jax
import jax.numpy as jnp
import numpy as np

import compress
import measure
import network
import scenes

LABELS = ["ground"] + scenes.SHAPES
SHARE = 0.01  # of the pixels, with another label, make a deviation


def net(o, x):
    """A small U-Net: convolutions of 12, 24, 32 and 32 filters by steps of 1, 2, 2 and 1, and back over 24 and 12 with what was before, 4
    classes a pixel."""
    full = o.relu(o.conv(x, "down0", 12, 3))
    half = o.relu(o.conv(full, "down1", 24, 3, 2))
    deep = o.relu(o.conv(o.relu(o.conv(half, "down2", 32, 3, 2)), "deep", 32, 3))
    half = o.relu(o.conv(o.concat(o.double(deep), half), "up1", 24, 3))
    full = o.relu(o.conv(o.concat(o.double(half), full), "up0", 12, 3))
    return o.conv(full, "pixels", len(LABELS), 1)


def iou(found, right):
    """Mean over the classes."""
    return np.mean([((found == k) & (right == k)).sum() / ((found == k) | (right == k)).sum() for k in range(len(LABELS))])


def main():
    made = scenes.scenes(4000, 1)
    images, masks = np.stack([s[0] for s in made]), np.stack([s[1] for s in made])
    random = np.random.default_rng(1)

    def batch(_):
        chosen = random.integers(0, len(images), 16)
        return {"image": jnp.asarray(scenes.pixels(images[chosen])), "mask": jnp.asarray(masks[chosen])}

    def loss(net, batch):
        scores = jax.nn.log_softmax(net(batch["image"]), 1)
        weights = jnp.where(batch["mask"] == 0, 0.5, 1.0)
        return -(jnp.take_along_axis(scores, batch["mask"][:, None], 1)[:, 0] * weights).mean()

    params = network.train(net, loss, batch, steps=1500, rate=0.006, seed=1, report=250)
    g = network.Graph("segmentation", params, {"image": ("float32", ["batch", 3, scenes.SIZE, scenes.SIZE])},
                      {"classes": ("float32", ["batch", len(LABELS), scenes.SIZE, scenes.SIZE])})
    original = g.save(net(g, "image"))
    compressed = compress.static(original, "segmentation-int8", {"image": scenes.pixels(images[:200])})
    held = scenes.scenes(500, 2)
    test, right = scenes.pixels([s[0] for s in held]), np.stack([s[1] for s in held])
    models = [measure.Model(p) for p in (original, compressed)]
    answers = [m({"image": test})["classes"].argmax(1) for m in models]
    other = (answers[0] != answers[1]).mean((1, 2))
    print("share of pixels with another label: median, p90, p99, largest", *(np.quantile(other, q) for q in (0.5, 0.9, 0.99, 1)))

    def deviates(a, b):
        return (a["classes"].argmax(1) != b["classes"].argmax(1)).mean((1, 2)) > SHARE

    measure.card(
        "segmentation", kind="image", task="segmentation", what="which pixels of a scene are a circle, a square or a triangle. Two answers deviate "
        f"where more than {SHARE:.0%} of the pixels have another label", data="synthetic scenes of `training/scenes.py`: 4,000 to train, 500 held out",
        how="RGB, pixel/255", original=net.__doc__.replace("\n    ", " ") + " Trained in JAX with AdamW, 1,500 steps of 16 scenes",
        compression=compress.STATIC.format(rows="200 training scenes"), metric="mean IoU", models=models,
        scores=[iou(a, right) for a in answers], agreement=(other <= SHARE).mean(), rows=len(held), seeds=scenes.SEEDS_FILE,
        seeds_are=scenes.SEEDS_ARE, found=measure.near(models, {"image": scenes.pixels(scenes.seeds())}, deviates, scenes.moved, (1, 2, 4, 8, 16, 32, 64)),
        unit="uniform noise in steps of 255 to a pixel", script="segmentation.py", labels=LABELS)


if __name__ == "__main__":
    main()

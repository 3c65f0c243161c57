"""An embedder of pictures of clothing, for finding similar ones: float32 against static int8.

    python embedding.py [--data /usr/share/datasets/fashion-mnist]

Fashion-MNIST is Debian's package dataset-fashion-mnist, or https://github.com/zalandoresearch/fashion-mnist.
"""

import argparse
import gzip
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

import compress
import measure
import network

CLASSES = ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
WIDTH = 32
SEEDS, A_CLASS = 60, 5  # pictures to search from; pictures of each class in the gallery


def read(file, header):
    with gzip.open(file) as opened:
        return np.frombuffer(opened.read(), np.uint8, offset=header)


def net(o, x):
    """Four convolutions of 16, 32, 48 and 64 filters, the second and third by steps of 2, the mean, and 32 numbers of length 1."""
    for k, (filters, stride) in enumerate(((16, 1), (32, 2), (48, 2), (64, 1))):
        x = o.relu(o.conv(x, f"conv{k}", filters, 3, stride))
    return o.unit(o.linear(o.mean(x), "embedding", WIDTH))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist", help="folder of the data set")
    args = parser.parse_args()
    (images, labels), (held, held_labels) = (
        (read(args.data / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28),
         read(args.data / f"{part}-labels-idx1-ubyte.gz", 8).astype(int)) for part in ("train", "t10k"))
    random = np.random.default_rng(1)

    def batch(_):
        chosen = random.integers(0, len(images), 64)
        x = images[chosen]
        x = np.where(random.random((64, 1, 1, 1)) < 0.5, x, x[..., ::-1])
        return {"image": jnp.asarray(x.astype(np.float32) / 255), "labels": jnp.asarray(labels[chosen])}

    centres = np.linalg.qr(np.random.default_rng(3).normal(size=(WIDTH, WIDTH)))[0][:10].astype(np.float32)

    def loss(net, batch):
        """Pictures of a class are near each other, others far: softmax over the similarities within the batch."""
        vectors = net(batch["image"])
        alike = vectors @ vectors.T / 0.1 - 1e9 * jnp.eye(64)
        same = (batch["labels"][:, None] == batch["labels"]) & ~jnp.eye(64, dtype=bool)
        near = (jax.nn.log_softmax(alike) * same).sum(1) / jnp.maximum(1, same.sum(1))
        towards = jnp.take_along_axis(jax.nn.log_softmax(vectors @ centres.T / 0.1), batch["labels"][:, None], 1)
        return -near.mean() - 0.2 * towards.mean()

    params = network.train(net, loss, batch, steps=3000, rate=0.005, seed=1, report=500)
    g = network.Graph("embedding", params, {"image": ("float32", ["batch", 1, 28, 28])}, {"embedding": ("float32", ["batch", WIDTH])})
    original = g.save(net(g, "image"))
    compressed = compress.static(original, "embedding-int8", {"image": images[:500].astype(np.float32) / 255},
                                 ["Conv", "Relu", "GlobalAveragePool", "Gemm"])
    gallery = np.concatenate([np.flatnonzero(held_labels == c)[:A_CLASS] for c in range(10)])
    rest = np.setdiff1d(np.arange(len(held)), gallery)
    test, seeds = rest[:2000], rest[:SEEDS]
    np.savez_compressed(compress.MODELS.parent / "seeds" / "clothing.npz", image=held[seeds].transpose(0, 2, 3, 1),
                        labels=held_labels[seeds], gallery=held[gallery].transpose(0, 2, 3, 1), gallery_labels=held_labels[gallery])
    models = [measure.Model(p) for p in (original, compressed)]
    kept = models[0]({"image": held[gallery].astype(np.float32) / 255})["embedding"]

    def nearest(answer):
        return (answer["embedding"] @ kept.T).argmax(1)

    def deviates(a, b):
        return held_labels[gallery][nearest(a)] != held_labels[gallery][nearest(b)]

    def move(row, size, random):
        moved = np.clip(np.round(row["image"] * 255) + random.integers(-int(size), int(size) + 1, row["image"].shape), 0, 255)
        return {"image": (moved / 255).astype(np.float32)}

    answers = [m({"image": held[test].astype(np.float32) / 255}) for m in models]
    alike = (answers[0]["embedding"] * answers[1]["embedding"]).sum(1)
    print("cosine distance: median, p99, largest", *(np.quantile(1 - alike, q) for q in (0.5, 0.99, 1)))
    print("another neighbour:", (nearest(answers[0]) != nearest(answers[1])).mean())
    measure.card(
        "embedding", kind="image", task="embedding", what="where a picture of clothing lies among others: 32 numbers of length 1, "
        "near each other for clothes of a class. Two answers deviate where the nearest of the 50 pictures of a gallery, embedded by the original, is "
        "of another class", data="Fashion-MNIST (MIT licence, Zalando SE): 60,000 pictures to train; held out are 2,000 of its test pictures, beside "
        "those of the gallery", how="pixel/255", original=net.__doc__ + " Trained in JAX with AdamW on the similarities within batches, 3,000 steps of "
        "64 pictures", compression=compress.STATIC.format(rows="500 training pictures") + "; the length is made 1 in float",
        metric="accuracy of the nearest in the gallery", models=models,
        scores=[(held_labels[gallery][nearest(a)] == held_labels[test]).mean() for a in answers],
        agreement=1 - deviates(*answers).mean(), rows=len(test), seeds="clothing.npz", seeds_are=f"{SEEDS} held-out pictures `image`, uint8 [N, height, width, 1], and "
        "`labels`; `gallery` and `gallery_labels` are the 50 of the gallery, 5 of each class", found=measure.near(
            models, {"image": held[seeds].astype(np.float32) / 255}, deviates, move, (1, 2, 4, 8, 16, 32, 64)), unit="uniform noise in steps of "
        "255 to a pixel", script="embedding.py", labels=CLASSES)


if __name__ == "__main__":
    main()

"""A detector of shapes in synthetic scenes, whose output has the layout of YOLOv8: float32 against static int8.

    python detection.py
"""

import jax
import jax.numpy as jnp
import numpy as np

import compress
import measure
import network
import scenes

STRIDE = 8
CELLS = scenes.SIZE // STRIDE
ANCHORS = CELLS * CELLS
LARGEST = 40  # pixels
SCORE, OVERLAP = 0.5, 0.5


def net(o, x):
    """Convolutions of 16, 24, 32, 48 and 48 filters, the first, third and fourth by steps of 2, and a head that says a box and 3 scores for each
    of 8 x 8 cells."""
    for k, (filters, stride) in enumerate(((16, 2), (24, 1), (32, 2), (48, 2), (48, 1))):
        x = o.relu(o.conv(x, f"conv{k}", filters, 3, stride))
    return o.conv(x, "head", 4 + len(scenes.SHAPES), 1)


def corner():
    """The left upper corners of the cells, [2,cells,cells]."""
    y, x = np.mgrid[:CELLS, :CELLS]
    return (np.stack([x, y]) * STRIDE).astype(np.float32)


def boxes_of(g, head):
    """[N,7,cells,cells] to [N,7,anchors]: centre x, centre y, width and height in pixels, and scores from 0 to 1."""
    scale = np.array([2 * STRIDE, 2 * STRIDE, LARGEST, LARGEST, 1, 1, 1], np.float32).reshape(1, 7, 1, 1)
    shift = np.zeros((1, 7, CELLS, CELLS), np.float32)
    shift[0, :2] = corner() - STRIDE / 2
    x = g.node("Add", g.node("Mul", g.sigmoid(head), g.const("scale", scale)), g.const("shift", shift))
    return g.node("Reshape", x, g.whole(0, 7, ANCHORS))


def targets(boxes):
    """For each cell: whether the middle of a shape is in it, what the head's sigmoids should give."""
    wanted, there = np.zeros((7, CELLS, CELLS), np.float32), np.zeros((CELLS, CELLS), np.float32)
    for shape, cx, cy, w, h in boxes:
        i, j = min(int(cy // STRIDE), CELLS - 1), min(int(cx // STRIDE), CELLS - 1)
        wanted[:4, i, j] = ((cx - j * STRIDE + STRIDE / 2) / (2 * STRIDE), (cy - i * STRIDE + STRIDE / 2) / (2 * STRIDE),
                            w / LARGEST, h / LARGEST)
        wanted[4:, i, j] = 0
        wanted[4 + shape, i, j], there[i, j] = 1, 1
    return wanted, there


def overlap(a, b):
    """IoU of boxes (k, cx, cy, w, h)."""
    low = np.maximum(a[1:3] - a[3:5] / 2, b[1:3] - b[3:5] / 2)
    high = np.minimum(a[1:3] + a[3:5] / 2, b[1:3] + b[3:5] / 2)
    both = np.prod(np.maximum(0, high - low))
    return both / (np.prod(a[3:5]) + np.prod(b[3:5]) - both)


def read(output):
    """The boxes (k, cx, cy, w, h) of one output [7,anchors], best first, without those that overlap a better one."""
    best, kept = output[4:].max(0), []
    for k in np.argsort(-best):
        if best[k] < SCORE:
            break
        box = np.array([output[4:, k].argmax(), *output[:4, k]])
        if all(overlap(box, other) < OVERLAP for other in kept):
            kept.append(box)
    return kept


def matches(found, right):
    """How many boxes are of the same class and in the same place."""
    left, count = list(right), 0
    for box in found:
        fit = [k for k, other in enumerate(left) if box[0] == other[0] and overlap(box, other) >= OVERLAP]
        if fit:
            left.pop(max(fit, key=lambda k: overlap(box, left[k])))
            count += 1
    return count


def differ(a, b):
    a, b = read(a), read(b)
    return not len(a) == len(b) == matches(a, b)


def f1(outputs, scenes_of):
    same = found = right = 0
    for output, (_, _, boxes) in zip(outputs, scenes_of):
        seen = read(output)
        same, found, right = same + matches(seen, [np.array(b) for b in boxes]), found + len(seen), right + len(boxes)
    return 2 * same / (found + right)


def main():
    made = scenes.scenes(6000, 1)
    images = np.stack([s[0] for s in made])
    wanted, there = (np.stack(part) for part in zip(*(targets(s[2]) for s in made)))
    random = np.random.default_rng(1)

    def batch(_):
        chosen = random.integers(0, len(images), 32)
        return {"image": jnp.asarray(scenes.pixels(images[chosen])), "wanted": jnp.asarray(wanted[chosen]),
                "there": jnp.asarray(there[chosen])}

    def loss(net, batch):
        head, wanted, there = net(batch["image"]), batch["wanted"], batch["there"][:, None]
        place = jnp.abs(jax.nn.sigmoid(head[:, :4]) - wanted[:, :4]) * there
        scores, right = head[:, 4:], wanted[:, 4:]
        entropy = jax.nn.softplus(scores) - scores * right
        off = jnp.abs(jax.nn.sigmoid(scores) - right)
        return (10 * place.sum() + (entropy * (0.2 + off)).sum()) / batch["there"].sum()

    params = network.train(net, loss, batch, steps=4000, rate=0.004, seed=1, report=500)
    g = network.Graph("detection", params, {"images": ("float32", ["batch", 3, scenes.SIZE, scenes.SIZE])},
                      {"output0": ("float32", ["batch", 4 + len(scenes.SHAPES), ANCHORS])})
    original = g.save(boxes_of(g, net(g, "images")))
    compressed = compress.static(original, "detection-int8", {"images": scenes.pixels(images[:200])}, ["Conv", "Relu"])
    held = scenes.scenes(1000, 3)
    models = [measure.Model(p) for p in (original, compressed)]
    answers = [m({"images": scenes.pixels([s[0] for s in held])})["output0"] for m in models]

    def deviates(a, b):
        return np.array([differ(x, y) for x, y in zip(a["output0"], b["output0"])])

    def move(row, size, random):
        return {"images": scenes.moved({"image": row["images"]}, size, random)["image"]}

    agreement = np.mean([not differ(x, y) for x, y in zip(*answers)])
    measure.card(
        "detection", kind="image", task="detection", what="where the circles, squares and triangles of a scene are. Two answers deviate where, of the "
        f"boxes of a score of at least {SCORE:g}, without those that overlap a better one by an IoU of {OVERLAP:g}, any is without a box of the same class "
        f"and an IoU of at least {OVERLAP:g} in the other", data="synthetic scenes of `training/scenes.py`: 6,000 to train, 1,000 held out",
        how="RGB, pixel/255. Outputs are laid out as YOLOv8's: for each of 64 anchors the centre x, centre y, width and height in pixels and a score from 0 "
        "to 1 for each class; overlapping boxes are left in", original=net.__doc__.replace("\n    ", " ") + " Trained in JAX with AdamW, 4,000 steps of 32 "
        "scenes", compression=compress.STATIC.format(rows="200 training scenes") + "; boxes are made of the head's numbers in float",
        metric="F1 at IoU 0.5", models=models, scores=[f1(a, held) for a in answers], agreement=agreement, rows=len(held),
        seeds=scenes.SEEDS_FILE, seeds_are=scenes.SEEDS_ARE,
        found=measure.near(models, {"images": scenes.pixels(scenes.seeds())}, deviates, move, (1, 2, 4, 8, 16, 32, 64)),
        unit="uniform noise in steps of 255 to a pixel", script="detection.py", labels=scenes.SHAPES)


if __name__ == "__main__":
    main()

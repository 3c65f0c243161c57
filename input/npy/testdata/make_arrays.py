"""Makes arrays with NumPy, for the tests here and those of the seed sources.

    python -m pip install numpy
    python make_arrays.py

arrays/ has some of all kinds. types/ has all types, orders of bytes and orders of axes: types/expected.json holds their
values, row by row; files whose names begin with labels are labels 2, 0, 3.
"""

import json
import pathlib
import shutil

import numpy as np

HERE = pathlib.Path(__file__).parent
TYPES = ["?", "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def make_arrays(folder):
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    reals = np.linspace(0, 1, 12).reshape(2, 6)
    labels = np.array([3, 1])
    np.save(folder / "images.npy", images)
    np.save(folder / "float64.npy", reals)
    np.save(folder / "float32-big-endian.npy", reals.astype(">f4"))
    np.save(folder / "int16.npy", (images.astype(np.int16) - 12) * 100)
    np.save(folder / "fortran.npy", np.asfortranarray(images))
    np.save(folder / "labels.npy", labels)
    np.save(folder / "structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i2")]))
    np.save(folder / "scalar.npy", np.uint8(3))
    np.savez(folder / "stored.npz", x_test=images, y_test=labels)
    np.savez_compressed(folder / "packed.npz", x_test=images, y_test=labels)
    with (folder / "version2.npy").open("wb") as f:
        np.lib.format.write_array(f, images, version=(2, 0))


def make_types(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    expected = {}
    ramp = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    for kind in TYPES:
        for order in "<>":
            values = (ramp % 3 > 0) if kind == "?" else ramp - 12 if kind[0] in "if" else ramp * 10
            if kind[0] == "f":
                values = values / 7
            array = values.astype(np.dtype(kind).newbyteorder(order))
            for layout in "CF":
                name = f"{kind.replace('?', 'bool')}-{'little' if order == '<' else 'big'}-{layout}.npy"
                np.save(folder / name, np.asarray(array, order=layout))
                expected[name] = array.astype(np.float32).reshape(2, -1).tolist()
    labels = np.array([2, 0, 3])
    for kind in TYPES[1:]:
        np.save(folder / f"labels-{kind}.npy", labels.astype(kind))
        np.save(folder / f"labels-{kind}-column.npy", labels.astype(kind)[:, None])
    for kind in TYPES:
        np.save(folder / f"labels-{kind.replace('?', 'bool')}-onehot.npy", np.eye(4)[labels].astype(kind))
    np.save(folder / "labels-onehot-fortran.npy", np.asfortranarray(np.eye(5, dtype=np.float32)[labels]))
    np.savetxt(folder / "labels-float.txt", labels)
    np.savetxt(folder / "labels-whole.txt", labels, fmt="%d")
    np.save(folder / "soft.npy", np.array([[0.1, 0.9], [1, 0]]))
    np.save(folder / "many-hot.npy", np.array([[0, 1, 1], [1, 0, 0]]))
    np.save(folder / "fractions.npy", np.array([1, 2.5]))
    np.save(folder / "objects.npy", np.array([np.zeros(2), np.zeros(3)], dtype=object), allow_pickle=True)
    np.save(folder / "text.npy", np.array(["cat", "dog"]))
    np.save(folder / "complex.npy", np.zeros((2, 2), np.complex64))
    np.savez(folder / "medical.npz", images=ramp.astype(np.uint8), labels=np.array([[5], [1]], np.uint8))
    np.savez(folder / "others.npz", x=ramp.astype(np.uint8), y=np.eye(3)[:2], z=np.zeros(7))
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    make_arrays(HERE / "arrays")
    make_types(HERE / "types")

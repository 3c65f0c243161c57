"""Makes arrays of all types, orders of bytes and orders of axes for the tests of the seed sources.

    python -m pip install numpy
    python make_types.py

types/expected.json holds their values, row by row; files whose names begin with labels are labels 2, 0, 3.
"""

import json
import pathlib
import shutil

import numpy as np

HERE = pathlib.Path(__file__).parent / "types"
TYPES = ["?", "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
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
                np.save(HERE / name, np.asarray(array, order=layout))
                expected[name] = array.astype(np.float32).reshape(2, -1).tolist()
    labels = np.array([2, 0, 3])
    for kind in TYPES[1:]:
        np.save(HERE / f"labels-{kind}.npy", labels.astype(kind))
        np.save(HERE / f"labels-{kind}-column.npy", labels.astype(kind)[:, None])
    for kind in TYPES:
        np.save(HERE / f"labels-{kind.replace('?', 'bool')}-onehot.npy", np.eye(4)[labels].astype(kind))
    np.save(HERE / "labels-onehot-fortran.npy", np.asfortranarray(np.eye(5, dtype=np.float32)[labels]))
    np.savetxt(HERE / "labels-float.txt", labels)
    np.savetxt(HERE / "labels-whole.txt", labels, fmt="%d")
    np.save(HERE / "soft.npy", np.array([[0.1, 0.9], [1, 0]]))
    np.save(HERE / "many-hot.npy", np.array([[0, 1, 1], [1, 0, 0]]))
    np.save(HERE / "fractions.npy", np.array([1, 2.5]))
    np.save(HERE / "objects.npy", np.array([np.zeros(2), np.zeros(3)], dtype=object), allow_pickle=True)
    np.save(HERE / "text.npy", np.array(["cat", "dog"]))
    np.save(HERE / "complex.npy", np.zeros((2, 2), np.complex64))
    np.savez(HERE / "medical.npz", images=ramp.astype(np.uint8), labels=np.array([[5], [1]], np.uint8))
    np.savez(HERE / "others.npz", x=ramp.astype(np.uint8), y=np.eye(3)[:2], z=np.zeros(7))
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

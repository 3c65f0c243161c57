"""Writes arrays of five rows of 2 x 3 numbers, 0 to 29, in two orders: python make.py, with NumPy."""
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
rows = np.arange(30, dtype=np.uint8).reshape(5, 2, 3)
np.save(here / "rows.npy", rows)
np.save(here / "fortran.npy", np.asfortranarray(rows))

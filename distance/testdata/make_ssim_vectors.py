"""Writes ssim_vectors.json: pairs of small images and their SSIM by scikit-image.

Run: python make_ssim_vectors.py   (needs numpy and scikit-image)
"""

import json
import pathlib

import numpy
import skimage
from skimage.metrics import structural_similarity


def vector(rng, height, width, channels, noise):
    a = rng.integers(0, 256, (height, width, channels))
    a = (a + numpy.roll(a, 1, 0) + numpy.roll(a, 1, 1)) // 3
    b = numpy.clip(a + rng.normal(0, noise, a.shape), 0, 255).round().astype(int)
    ssim = structural_similarity(
        a.astype(float), b.astype(float), data_range=255, channel_axis=2,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    return {"shape": list(a.shape), "a": a.ravel().tolist(), "b": b.ravel().tolist(), "ssim": ssim}


def main():
    rng = numpy.random.default_rng(7)
    vectors = [vector(rng, *shape, noise) for shape, noise in
               [((11, 11, 1), 20), ((14, 12, 1), 60), ((12, 13, 3), 10), ((16, 16, 1), 0), ((13, 12, 3), 200)]]
    out = {"made_by": f"scikit-image {skimage.__version__}", "vectors": vectors}
    pathlib.Path(__file__).with_name("ssim_vectors.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()

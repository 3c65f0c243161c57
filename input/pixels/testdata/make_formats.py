"""Makes image files of many formats for the tests of the seed sources.

    python -m pip install numpy pillow
    python make_formats.py

formats/expected.json holds the pixels of the files that are read, as Pillow has them: "stored" as it opens them, with
colours for everything that is not grey, and "upright" after ImageOps.exif_transpose. Files named in REFUSED are for errors.
"""

import json
import pathlib
import shutil

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent / "formats"
RNG = np.random.default_rng(11)


def smooth(height, width):
    """Colours that change slowly, with some noise, so that lossy formats have something to do."""
    y, x = np.mgrid[0:height, 0:width]
    colours = np.stack([x * 255 // width, y * 255 // height, 255 - (x + y) * 255 // (height + width)], -1)
    return Image.fromarray(np.clip(colours + RNG.integers(-20, 20, colours.shape), 0, 255).astype(np.uint8))


def pixels(image):
    grey = image.mode in "1L"
    return np.asarray(image.convert("L" if grey else "RGB")).ravel().tolist()


def save(name, image, **options):
    image.save(HERE / name, **options)
    return name


def read():
    rgb, odd, even = smooth(5, 4), smooth(17, 33), smooth(10, 16)
    grey, opaque = rgb.convert("L"), rgb.convert("RGBA")
    yield save("lossy-odd.webp", odd, quality=60)
    yield save("lossy-even.webp", even, quality=30)
    yield save("lossy-one.webp", smooth(1, 1), quality=80)
    yield save("lossy-row.webp", smooth(1, 7), quality=80)
    yield save("lossless.webp", rgb, lossless=True)
    yield save("opaque.webp", opaque, lossless=True)
    yield save("opaque-lossy.webp", even.convert("RGBA"), quality=50, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    yield save("rgb.bmp", rgb)
    yield save("palette.bmp", rgb.quantize(5))
    yield save("rgb.tiff", rgb)
    yield save("lzw.tif", rgb, compression="tiff_lzw")
    yield save("deflate.tif", rgb, compression="tiff_deflate")
    yield save("packbits.tif", rgb, compression="packbits")
    yield save("grey.tif", grey)
    yield save("palette.tif", rgb.quantize(5))
    yield save("opaque.tif", opaque)
    yield save("colour.gif", rgb)
    yield save("progressive.jpg", even, quality=95, subsampling=0, progressive=True)
    yield save("cmyk.jpg", even.convert("CMYK"), quality=95, subsampling=0)
    yield save("rgb.ppm", rgb)
    yield save("grey.pgm", grey)
    (HERE / "fifteen.ppm").write_bytes(b"P6\n# of 4 bits\n2 2\n15\n" + bytes([0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 13, 15]))
    yield "fifteen.ppm"
    yield save("grey.bmp", grey)
    yield save("bilevel.bmp", grey.convert("1"))
    yield save("grey.gif", grey, optimize=False)
    yield save("few-greys.gif", grey.quantize(4))
    for o in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = o
        # Only corners and edges, so that JPEG does not change them much.
        tile = np.zeros((8, 16, 3), np.uint8)
        tile[:, 8:, 0], tile[:4, :, 1], tile[:, :, 2] = 200, 160, 40
        tile = Image.fromarray(tile)
        yield save(f"turned-{o}.jpg", tile, quality=100, subsampling=0, exif=exif)
        yield save(f"turned-{o}.png", rgb, exif=exif)
        yield save(f"turned-{o}.webp", rgb, lossless=True, exif=exif)
        yield save(f"turned-{o}.tif", rgb, tiffinfo={0x0112: o})


def refused():
    rgb = smooth(5, 4)
    transparent = rgb.convert("RGBA")
    transparent.putpixel((1, 2), (10, 20, 30, 0))
    others = [smooth(5, 4), smooth(5, 4)]
    save("animated.webp", rgb, save_all=True, append_images=others)
    save("animated.gif", rgb, save_all=True, append_images=others)
    save("animated.png", rgb, save_all=True, append_images=others)
    save("pages.tif", rgb, save_all=True, append_images=others)
    save("transparent.webp", transparent, lossless=True)
    save("transparent-lossy.webp", transparent, quality=50)
    save("transparent.gif", transparent)
    palette = rgb.quantize(5)
    save("transparent-palette.png", palette, transparency=palette.getpixel((0, 0)))
    save("transparent.tif", transparent)
    save("grey16.tif", Image.fromarray(RNG.integers(0, 65536, (4, 3), dtype=np.uint16)))
    save("float.tif", Image.fromarray(RNG.random((4, 3)).astype(np.float32)))
    save("cmyk.tif", rgb.convert("CMYK"))
    save("jpeg.tif", rgb, compression="jpeg")
    save("image.jp2", rgb)
    save("image.avif", rgb)
    save("bitmap.pbm", rgb.convert("1"))
    shutil.copy(HERE / "image.avif", HERE / "misnamed-avif.jpg")
    (HERE / "text.ppm").write_bytes(b"P3\n1 1\n255\n1 2 3\n")
    (HERE / "wide.ppm").write_bytes(b"P6\n1 1\n65535\n" + bytes(6))


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    expected = {}
    for name in read():
        image = Image.open(HERE / name)
        expected[name] = {"size": [image.height, image.width], "stored": pixels(image)}
        image = ImageOps.exif_transpose(Image.open(HERE / name))
        expected[name]["upright"] = pixels(image)
    refused()
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")

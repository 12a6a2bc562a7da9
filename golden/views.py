"""Golden pictures of every view operation, made by Pillow as torchvision's PIL transforms use it.

    python3 golden/views.py [FOLDER]     (default core/src/test/resources/golden/views)

Needs Pillow and numpy. Files are PPM, named operation_parameters_input.ppm; the same Pillow writes the
same bytes again.
"""
import pathlib
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/views"


def smooth(width, height):
    """Soft blobs and an edge, like a photograph: neighbours are alike, all hues occur."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = []
    for phase in (0.0, 2.1, 4.2):
        wave = np.sin(x / 7 + phase) * np.cos(y / 9 - phase) + 0.5 * np.sin((x + y) / 13 + 2 * phase)
        planes.append(127.5 + 80 * wave + 25 * (x > width * 0.6))
    return Image.fromarray(np.clip(np.stack(planes, 2), 0, 255).astype(np.uint8))


def noise(width, height):
    return Image.fromarray(np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8))


def hue(im, shift):
    """torchvision's adjust_hue on a PIL picture: the hue byte plus shift, wrapping."""
    h, s, v = im.convert("HSV").split()
    h = Image.fromarray(np.asarray(h) + np.uint8(shift % 256))
    return Image.merge("HSV", (h, s, v)).convert("RGB")


def plain(im, size):
    """torchvision's Resize(size) and CenterCrop(size)."""
    w, h = im.size
    w, h = (size, int(size * h / w)) if w <= h else (int(size * w / h), size)
    im = im.resize((w, h), Image.BILINEAR)
    left, top = int(round((w - size) / 2.0)), int(round((h - size) / 2.0))
    return im.crop((left, top, left + size, top + size))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.ppm"):
        old.unlink()
    squares = {"smooth": smooth(40, 40), "noise": noise(40, 40)}
    for name, im in squares.items():
        def save(picture, operation):
            picture.save(OUT / f"{operation}_{name}.ppm")

        save(im, "input")
        for factor in (0.6, 1.4):
            save(ImageEnhance.Brightness(im).enhance(factor), f"brightness_{factor}")
            save(ImageEnhance.Contrast(im).enhance(factor), f"contrast_{factor}")
            save(ImageEnhance.Color(im).enhance(factor), f"saturation_{factor}")
        for shift in (-25, 11, 25):
            save(hue(im, shift), f"hue_{shift}")
        save(im.convert("L").convert("RGB"), "grey")
        for radius in (0.1, 0.7, 2.0, 5.0):
            save(im.filter(ImageFilter.GaussianBlur(radius)), f"blur_{radius}")
    oblongs = {"smooth": smooth(63, 45), "noise": noise(63, 45)}
    for name, im in oblongs.items():
        im.save(OUT / f"oblong_{name}.ppm")
        for x, y, w, h in ((0, 0, 63, 45), (5, 3, 32, 32), (20, 11, 23, 29), (40, 2, 20, 43), (7, 9, 3, 1)):
            im.crop((x, y, x + w, y + h)).resize((32, 32), Image.BILINEAR).save(
                OUT / f"crop_{x}_{y}_{w}_{h}_{name}.ppm")
        im.crop((2, 1, 60, 41)).resize((7, 7), Image.BILINEAR).save(OUT / f"small_{name}.ppm")
        for size in (20, 45, 50):
            plain(im, size).save(OUT / f"plain_{size}_{name}.ppm")


main()

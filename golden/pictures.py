"""Small encoded pictures for the decoder's tests, made by Pillow.

    python3 golden/pictures.py [FOLDER]     (default core/src/test/resources/golden/pictures)

Every file shows, upright, 32 × 16 pixels of four flat quarters: red, green / blue, white; the grey ones
light and dark as those colours' luma. The second frame of an animation is black.
"""
import pathlib
import sys

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/pictures"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    a = np.zeros((16, 32, 3), np.uint8)
    a[:8, :16] = (255, 0, 0)
    a[:8, 16:] = (0, 255, 0)
    a[8:, :16] = (0, 0, 255)
    a[8:, 16:] = (255, 255, 255)
    im = Image.fromarray(a)
    black = Image.new("RGB", im.size)
    best = {"quality": 98, "subsampling": 0}
    im.save(OUT / "baseline.jpg", **best)
    im.save(OUT / "progressive.jpg", progressive=True, **best)
    im.convert("CMYK").save(OUT / "cmyk.jpg", **best)
    im.convert("L").save(OUT / "grey.jpg", quality=98)
    # Stored turned; the EXIF orientation says how to turn it back.
    turned = {3: Image.ROTATE_180, 6: Image.ROTATE_90, 8: Image.ROTATE_270, 2: Image.FLIP_LEFT_RIGHT}
    for orientation, turn in turned.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        im.transpose(turn).save(OUT / f"exif{orientation}.jpg", exif=exif, **best)
    im.save(OUT / "rgb.png")
    im.convert("L").save(OUT / "grey.png")
    im.convert("P", palette=Image.ADAPTIVE, colors=4).save(OUT / "palette.png")
    alpha = np.full((16, 32, 1), 255, np.uint8)
    alpha[:, ::2] = 40
    Image.fromarray(np.concatenate([a, alpha], 2)).save(OUT / "alpha.png")
    luma = np.asarray(im.convert("L")).astype(np.uint16)
    Image.fromarray(luma * 257).save(OUT / "grey16.png")
    im.save(OUT / "animated.png", save_all=True, append_images=[black])
    im.save(OUT / "still.gif")
    im.save(OUT / "animated.gif", save_all=True, append_images=[black])
    im.save(OUT / "lossless.webp", lossless=True)
    im.save(OUT / "lossy.webp", quality=95)
    im.save(OUT / "animated.webp", save_all=True, append_images=[black], lossless=True)
    im.save(OUT / "rgb.bmp")
    im.save(OUT / "rgb.tif")
    im.save(OUT / "lzw.tif", compression="tiff_lzw")
    im.save(OUT / "rgb.ppm")
    im.convert("L").save(OUT / "grey.pgm")
    im.convert("1").save(OUT / "bits.pbm")
    im.save(OUT / "other.jp2")


main()

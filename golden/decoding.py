"""What Millrace and Pillow make of the same pictures, as a table for docs/decoding.md.

    python3 golden/odd_pictures.py odd
    bench/run dev.millrace.bench.DecodeFolder odd ours
    python3 golden/decoding.py odd ours [--only-different]

Pillow turns by EXIF and converts to RGB. `same` means every byte is equal.
"""
import pathlib
import sys
import warnings

import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
TURNS = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
         6: Image.ROTATE_270, 7: Image.TRANSVERSE, 8: Image.ROTATE_90}


def pillow(file):
    """Pixels, or why not."""
    try:
        with Image.open(file) as im:
            # Pillow turns a TIFF when it loads it.
            turn = None if im.format == "TIFF" else TURNS.get(im.getexif().get(0x112))
            im.load()
            im = im.transpose(turn) if turn is not None else im
            if im.mode.startswith("I;16"):
                # Pillow's own conversion clips at 255 instead of taking the high byte.
                return np.repeat((np.asarray(im).astype(np.uint16) >> 8).astype(np.uint8)[..., None], 3, 2)
            if im.mode == "I" and file.suffix in (".png", ".pgm", ".ppm"):
                return np.repeat((np.asarray(im) >> 8).astype(np.uint8)[..., None], 3, 2)
            return np.asarray(im.convert("RGB"))
    except Exception as e:  # whatever it is: Pillow does not read it
        return f"{type(e).__name__}: {e}".replace(str(file.parent) + "/", "")


def main():
    folder, ours = map(pathlib.Path, sys.argv[1:3])
    only = "--only-different" in sys.argv
    lines = (ours / "refused.txt").read_text("utf-8").splitlines()
    refused = dict(line.split("\t", 1) for line in lines)
    print("| picture | against Pillow |")
    print("|---|---|")
    counts = {}
    for file in sorted(folder.iterdir()):
        theirs = pillow(file)
        name = file.name
        if name in refused:
            also = isinstance(theirs, str)
            kind = "both refuse" if also else "refused"
            words = f"refused{', as by Pillow' if also else ''}: {refused[name]}"
        elif isinstance(theirs, str):
            kind = "read by Millrace only"
            words = f"read; Pillow: {theirs}"
        else:
            mine = np.asarray(Image.open(ours / (name + ".ppm")))
            if mine.shape != theirs.shape:
                kind = "another size"
                words = f"{mine.shape[1]}×{mine.shape[0]}, Pillow {theirs.shape[1]}×{theirs.shape[0]}"
            else:
                off = np.abs(mine.astype(int) - theirs)
                kind = "same" if off.max() == 0 else "nearly" if off.max() <= 3 else "different"
                words = "same" if kind == "same" else f"differs by at most {off.max()}, {off.mean():.2f} on average"
        counts[kind] = counts.get(kind, 0) + 1
        if not (only and kind in ("same", "nearly", "both refuse")):
            print(f"| {name} | {words} |")
    print()
    print(", ".join(f"{kind}: {n}" for kind, n in sorted(counts.items())))


main()

"""Batches of CIFAR as Python 3 and numpy pickle them: one picture, byte i of which is 7 i + 3 modulo 256.

Run as `python golden/cifar.py`; writes core/src/test/resources/golden/cifar/protocol-N, N = 2, 4, 5.
Made with Python 3.11 and numpy 2.4.
"""

import pathlib
import pickle

import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/golden/cifar"

data = ((np.arange(3072) * 7 + 3) % 256).astype(np.uint8).reshape(1, 3072)
OUT.mkdir(parents=True, exist_ok=True)
for protocol in (2, 4, 5):
    with open(OUT / f"protocol-{protocol}", "wb") as file:
        pickle.dump({"labels": [4], "data": data, "filenames": ["a.png"]}, file, protocol=protocol)

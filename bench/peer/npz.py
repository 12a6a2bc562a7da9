#!/usr/bin/env python3
"""The pictures of a Millrace run as the peer's `train` wants them: the same images, in one npz.

  python3 npz.py runs/joint/stream.json cifar10-32.tar.gz train.npz

Reads a tar of {train,test}/CLASS/NNNN.jpg; x, y are the run's pictures, test_x, test_y the whole test part.
Needs numpy and Pillow.
"""
import io, json, sys, tarfile
sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-pil
import numpy as np
from PIL import Image

stream, archive, out = sys.argv[1:]
with open(stream) as f:
    described = json.load(f)
classes = described["classes"]
wanted = {i for chunk in described["chunks"] for i in chunk["ids"]}
parts = {"train": ([], []), "test": ([], [])}
with tarfile.open(archive) as tar:
    for member in tar:
        name = member.name.removeprefix("./")
        part, _, rest = name.partition("/")
        if member.isfile() and (name in wanted or part == "test"):
            image = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
            parts[part][0].append(np.asarray(image))
            parts[part][1].append(classes.index(rest.split("/")[0]))
assert len(parts["train"][0]) == len(wanted), f"{len(parts['train'][0])} of {len(wanted)} pictures are in {archive}"
(x, y), (test_x, test_y) = ((np.stack(a), np.array(b)) for a, b in (parts["train"], parts["test"]))
np.savez(out, x=x, y=y, test_x=test_x, test_y=test_y)
print(f"{out}: {len(x)} pictures to train on, {len(test_x)} to test on")

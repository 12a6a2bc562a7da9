#!/usr/bin/env python3
"""A TorchScript module of `millrace export` in Python's PyTorch, beside libtorch's features in Java.

  ./millrace export RUN --format torchscript --samples samples.safetensors
  python3 golden/torchscript.py RUN/encoder.pt samples.safetensors

Needs torch and safetensors. Ends with 1 when a feature differs by more than 1e-4. Nothing of the
product reads Python.
"""
import json
import sys

import torch
from safetensors.torch import load_file

extra = {"millrace.json": ""}
encoder = torch.jit.load(sys.argv[1], _extra_files=extra)
samples = load_file(sys.argv[2])
with torch.no_grad():
    together = encoder(samples["pixels"])
    alone = torch.cat([encoder(picture[None]) for picture in samples["pixels"]])
difference = max((f - samples["features"]).abs().max().item() for f in (together, alone))
about = json.loads(extra["millrace.json"])
print(f"{about['architecture']} of width {about['width']}: {len(together)} pictures, {difference:.2g} apart")
sys.exit(not difference <= 1e-4)

#!/usr/bin/env python3
"""An ONNX model of `millrace export` in Python's ONNX Runtime, beside libtorch's features in Java.

  ./millrace export RUN --format onnx --samples samples.safetensors
  python3 golden/onnx_runtime.py RUN/encoder.onnx samples.safetensors

Needs onnx, onnxruntime, numpy and safetensors; the model must pass ONNX's own checker, too. Ends
with 1 when a feature differs by more than 1e-4 (of a float16 model: by more than 1 % of the largest).
Nothing of the product reads Python.
"""
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
half = any(t.data_type == onnx.TensorProto.FLOAT16 for t in model.graph.initializer)
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
samples = load_file(sys.argv[2])


def features(pixels):
    return session.run(["features"], {"pixels": pixels})[0]


together = features(samples["pixels"])
alone = np.concatenate([features(picture[None]) for picture in samples["pixels"]])
difference = max(np.abs(f - samples["features"]).max() for f in (together, alone))
bound = 0.01 * np.abs(samples["features"]).max() if half else 1e-4
about = {p.key: p.value for p in model.metadata_props}
print(f"{about['architecture']} of width {about['width']}, operator set {model.opset_import[0].version}, "
      f"{'float16' if half else 'float32'}: {len(together)} pictures, {difference:.2g} apart")
sys.exit(not difference <= bound)

#!/usr/bin/env python3
"""The Python peers of `millrace embed`: a folder of JPEGs through an encoder.safetensors, by PyTorch or ONNX Runtime.

  python3 embed.py ENCODER FOLDER --by torch --precision bf16 --threads 1
  python3 embed.py ENCODER FOLDER --by onnx --threads 1 --out peer.npy    # for comparison with ours, sorted by path

Pillow decodes in as many threads as the net has, one batch ahead. Needs torch, numpy, Pillow, safetensors; for onnx
also onnx and onnxruntime. Prints one JSON line; loading and the first batch are not counted.
"""
import argparse, glob, json, resource, sys, time
from concurrent.futures import ThreadPoolExecutor
sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-pil
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from torch import nn

BATCH = 250


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.downsample = None
        if stride > 1 or i != o:
            self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, width, small):
        super().__init__()
        self.small = small
        self.conv1 = nn.Conv2d(3, width, *((3, 1, 1) if small else (7, 2, 3)), bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for k in range(4):
            i, o = width << max(0, k - 1), width << k
            setattr(self, f"layer{k + 1}", nn.Sequential(Block(i, o, 1 if k == 0 else 2), Block(o, o, 1)))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = x if self.small else F.max_pool2d(x, 3, 2, 1)
        for k in range(4):
            x = getattr(self, f"layer{k + 1}")(x)
        return x.mean((2, 3))


p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("encoder")
p.add_argument("folder")
p.add_argument("--by", choices=["torch", "onnx"], default="torch")
p.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
p.add_argument("--threads", type=int, default=1)
p.add_argument("--out")
a = p.parse_args()
torch.set_num_threads(a.threads)

with safe_open(a.encoder, "pt") as f:
    about = f.metadata()
    weights = {name: f.get_tensor(name) for name in f.keys()}
assert about["architecture"] == "resnet18", about["architecture"]
size = int(about["size"])
mean, std = (np.array(json.loads(about[key]), np.float32) * 255 for key in ("mean", "std"))
net = ResNet18(int(about["width"]), about["stem"] == "SMALL")
missing = net.load_state_dict(weights, strict=False).missing_keys
assert all("num_batches" in name for name in missing), missing
net = net.eval().to(memory_format=torch.channels_last)


def view(file):
    picture = Image.open(file).convert("RGB")
    scale = size / min(picture.size)
    if scale != 1:
        picture = picture.resize([max(size, round(side * scale)) for side in picture.size], Image.BILINEAR)
    x, y = ((side - size) // 2 for side in picture.size)
    return ((np.asarray(picture.crop((x, y, x + size, y + size)), np.float32) - mean) / std).transpose(2, 0, 1)


if a.by == "onnx":
    import onnxruntime
    torch.onnx.export(net, torch.zeros(2, 3, size, size), "/tmp/peer-encoder.onnx", input_names=["x"],
                      dynamic_axes={"x": {0: "n"}}, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = a.threads
    session = onnxruntime.InferenceSession("/tmp/peer-encoder.onnx", options, providers=["CPUExecutionProvider"])

    def run(batch):
        return session.run(None, {"x": batch})[0]
else:
    def run(batch):
        x = torch.from_numpy(batch).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bf16"):
            return net(x).float().numpy()

files = sorted(glob.glob(a.folder + "/**/*.jpg", recursive=True))
workers = ThreadPoolExecutor(a.threads)
run(np.zeros((min(BATCH, len(files)), 3, size, size), np.float32))
began, used = time.time(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
vectors, ahead = [], [workers.submit(view, f) for f in files[:BATCH]]
for start in range(0, len(files), BATCH):
    now, ahead = ahead, [workers.submit(view, f) for f in files[start + BATCH:start + 2 * BATCH]]
    vectors.append(run(np.stack([one.result() for one in now])))
seconds = time.time() - began
if a.out:
    np.save(a.out, np.concatenate(vectors))
print(json.dumps({"by": a.by, "precision": a.precision, "images": len(files), "images_per_s": len(files) / seconds,
                  "cpu_us_per_image": (resource.getrusage(resource.RUSAGE_SELF).ru_utime - used) / len(files) * 1e6}))

#!/usr/bin/env python3
"""Golden features of small residual networks, by PyTorch.

    python3 golden/resnet.py [FOLDER]     (default core/src/test/resources/golden/encoder)

Needs torch 2.13 and safetensors. The network is He et al.'s with torchvision's parameter names. Each file
holds the weights, an input, its features in evaluation and then in training mode, and the first
normalisation's running mean after that.
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/encoder"


class Block(nn.Module):
    def __init__(self, i, planes, stride, deep):
        super().__init__()
        out = planes * (4 if deep else 1)
        kernels = [(i, planes, 1, 1), (planes, planes, 3, stride), (planes, out, 1, 1)] if deep else [
            (i, planes, 3, stride), (planes, planes, 3, 1)]
        self.n = len(kernels)
        for k, (a, b, size, s) in enumerate(kernels, 1):
            setattr(self, f"conv{k}", nn.Conv2d(a, b, size, s, size // 2, bias=False))
            setattr(self, f"bn{k}", nn.BatchNorm2d(b))
        self.downsample = None
        if stride != 1 or i != out:
            self.downsample = nn.Sequential(nn.Conv2d(i, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = x
        for k in range(1, self.n + 1):
            y = getattr(self, f"bn{k}")(getattr(self, f"conv{k}")(y))
            y = y if k == self.n else y.relu()
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResNet(nn.Module):
    def __init__(self, blocks, width, deep, small):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3 if small else 7, 1 if small else 2, 1 if small else 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        i = width
        for stage, count in enumerate(blocks):
            layer = []
            for k in range(count):
                layer.append(Block(i, width << stage, 2 if stage and not k else 1, deep))
                i = (width << stage) * (4 if deep else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))

    def forward(self, x):
        x = self.pool(self.bn1(self.conv1(x)).relu())
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return x.mean((2, 3))


def golden(name, net, count, side):
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.uniform_(-0.2, 0.2)
            m.running_mean.uniform_(-0.2, 0.2)
            m.running_var.uniform_(0.5, 1.5)
    x = torch.randn(count, 3, side, side)
    tensors = {k: v.clone() for k, v in net.state_dict().items()}
    with torch.no_grad():
        tensors["input"] = x
        tensors["features"] = net.eval()(x)
        tensors["features.training"] = net.train()(x)
        tensors["bn1.running_mean.after"] = net.bn1.running_mean
    save_file(tensors, OUT / f"{name}.safetensors")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    golden("resnet18-4-small", ResNet((2, 2, 2, 2), 4, False, True), 4, 16)
    golden("resnet50-2-imagenet", ResNet((3, 4, 6, 3), 2, True, False), 3, 33)

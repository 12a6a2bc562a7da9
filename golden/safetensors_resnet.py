#!/usr/bin/env python3
"""The weights of `millrace export --format safetensors` in a plain PyTorch net, beside Millrace's features.

  ./millrace export RUN --format safetensors --samples samples.safetensors
  python3 golden/safetensors_resnet.py RUN/model.safetensors samples.safetensors

Needs torch and safetensors. The net is torchvision's ResNet, written anew so that it has any width and
either stem: width 64 with the ImageNet stem has the names and shapes of torchvision.models.resnet18,
resnet34 and resnet50. The small stem has the same names; its conv1 is 3x3 of stride 1, and there is no
maxpool. The weights must fit strictly, but for fc, which an encoder does not have. Ends with 1 when
a feature differs by more than 1e-4. Nothing of the product reads Python.
"""
import ast
import sys

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

BLOCKS = {"resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3], "resnet50": [3, 4, 6, 3],
          "resnet101": [3, 4, 23, 3], "resnet152": [3, 8, 36, 3]}


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride, downsample):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inplanes, planes, stride, downsample):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * 4)
        self.downsample = downsample

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class ResNet(nn.Module):
    def __init__(self, architecture, width, small, classes=1000):
        super().__init__()
        block = BasicBlock if architecture in ("resnet18", "resnet34") else Bottleneck
        self.conv1 = nn.Conv2d(3, width, 3 if small else 7, 1 if small else 2, 1 if small else 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        inplanes = width
        for stage, count in enumerate(BLOCKS[architecture]):
            planes, layer = width << stage, []
            for i in range(count):
                stride = 2 if stage and not i else 1
                downsample = None
                if stride != 1 or inplanes != planes * block.expansion:
                    downsample = nn.Sequential(
                        nn.Conv2d(inplanes, planes * block.expansion, 1, stride, bias=False),
                        nn.BatchNorm2d(planes * block.expansion))
                layer.append(block(inplanes, planes, stride, downsample))
                inplanes = planes * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(inplanes, classes)

    def forward(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


with safe_open(sys.argv[1], "pt") as f:
    about, weights = f.metadata(), {name: f.get_tensor(name) for name in f.keys()}
with safe_open(sys.argv[2], "pt") as f:
    pixels, theirs = f.get_tensor("pixels"), f.get_tensor("features")

net = ResNet(about["architecture"], int(about["width"]), about["stem"] == "SMALL")
loaded = net.load_state_dict(weights, strict=False)
if set(loaded.missing_keys) != {"fc.weight", "fc.bias"} or loaded.unexpected_keys:
    sys.exit(f"the names do not fit: {loaded}")
net.fc = nn.Identity()
net.load_state_dict(weights, strict=True)
net.eval()
mean, std = (torch.tensor(ast.literal_eval(about[k])).view(1, 3, 1, 1) for k in ("mean", "std"))
with torch.no_grad():
    difference = (net((pixels - mean) / std) - theirs).abs().max().item()
print(f"{about['architecture']} of width {about['width']}, stem {about['stem']}: {len(weights)} tensors, "
      f"{len(pixels)} pictures, {difference:.2g} apart")
sys.exit(not difference <= 1e-4)

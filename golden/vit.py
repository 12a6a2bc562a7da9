#!/usr/bin/env python3
"""A vision transformer by timm: its weights, pictures, and what it makes of them.

    python3 golden/vit.py [FOLDER]     (default core/src/test/resources/golden/vit)

Needs torch 2.13, timm 1.0 and safetensors. The net is a small one of DeiT's kind; `timm.safetensors` is its state dict
as timm names it, a classifier included; `features.safetensors` holds pictures, the normed class token, and the
gradient of half its squared norm with respect to two of the weights.
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file
from timm.models import VisionTransformer

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/vit"
OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(5)

net = VisionTransformer(img_size=16, patch_size=4, embed_dim=48, depth=2, num_heads=3, num_classes=10)
with torch.no_grad():
    for weight in net.parameters():  # biases of zero and scales of one would hide a fault
        weight.add_(0.1 * torch.randn(weight.shape))
pictures = torch.randn(3, 3, 16, 16)
features = net.forward_features(pictures)[:, 0]
(features.square().sum() / 2).backward()
save_file({k: v.contiguous() for k, v in net.state_dict().items()}, OUT / "timm.safetensors")
save_file(
    {
        "pictures": pictures,
        "features": features.detach().contiguous(),
        "qkv_gradient": net.blocks[0].attn.qkv.weight.grad,
        "positions_gradient": net.pos_embed.grad,
    },
    OUT / "features.safetensors",
)

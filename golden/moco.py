#!/usr/bin/env python3
"""Golden updates of MoCo v2 by PyTorch: losses, weights, key encoder and queue after three steps.

    python3 golden/moco.py [FOLDER]     (default core/src/test/resources/golden/method)

Needs torch 2.13 and safetensors. One file normalises the keys as a whole, one in two parts. The order of
a step is the peer's and the original's: the key encoder follows, then loss, backward and SGD.
"""
import importlib.util
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "core/src/test/resources/golden/method"
OUT.mkdir(parents=True, exist_ok=True)

spec = importlib.util.spec_from_file_location("resnet", HERE / "resnet.py")
sys.argv = ["resnet.py", "/tmp"]  # its own files are of no use here
resnet = importlib.util.module_from_spec(spec)
spec.loader.exec_module(resnet)

WIDTH, SIDE, BATCH, QUEUE, DIM, STEPS = 2, 16, 6, 16, 8, 3
MOMENTUM, TEMPERATURE, LR, DECAY = 0.9, 0.2, 0.05, 1e-2


def net():
    dim = WIDTH * 8
    return nn.ModuleDict({
        "encoder": resnet.ResNet((2, 2, 2, 2), WIDTH, False, True),
        "projector": nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, DIM)),
    })


def golden(name, splits):
    torch.manual_seed(11)
    q, k = net(), net()
    k.load_state_dict(q.state_dict())
    queue = F.normalize(torch.randn(QUEUE, DIM), dim=1)
    tensors = {"before." + n: p.detach().clone() for n, p in q.named_parameters()}
    tensors["before.queue"] = queue.clone()
    sgd = torch.optim.SGD(q.parameters(), LR, momentum=0.9, weight_decay=DECAY)
    at, losses = 0, []
    for step in range(STEPS):
        one, two = torch.randn(BATCH, 3, SIDE, SIDE), torch.randn(BATCH, 3, SIDE, SIDE)
        tensors[f"query.{step}"], tensors[f"key.{step}"] = one, two
        with torch.no_grad():
            for a, b in zip(k.parameters(), q.parameters()):
                a.mul_(MOMENTUM).add_(b, alpha=1 - MOMENTUM)
            keys = torch.cat([k["encoder"](part) for part in two.chunk(splits)])
            keys = F.normalize(k["projector"](keys), dim=1)
        queries = F.normalize(q["projector"](q["encoder"](one)), dim=1)
        logits = torch.cat([(queries * keys).sum(1, keepdim=True), queries @ queue.T], 1) / TEMPERATURE
        loss = F.cross_entropy(logits, torch.zeros(BATCH, dtype=torch.long))
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        for key in keys:
            queue[at] = key
            at = (at + 1) % QUEUE
        losses.append(loss.item())
    tensors["losses"] = torch.tensor(losses)
    tensors["queue"] = queue
    for n, p in q.named_parameters():
        tensors["after." + n] = p.detach()
    tensors["key.conv1"] = k["encoder"].conv1.weight.detach()
    save_file({n: t.contiguous() for n, t in tensors.items()}, OUT / f"{name}.safetensors")


golden("moco-v2", 1)
golden("moco-v2-splits", 2)

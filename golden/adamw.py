#!/usr/bin/env python3
"""Steps of torch.optim.AdamW with two groups, one of them without decay.

    python3 golden/adamw.py [FILE]     (default core/src/test/resources/golden/adamw.json)

Needs torch 2.13.
"""
import json
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/adamw.json"
torch.manual_seed(3)

weight, bias = torch.randn(2, 3), torch.randn(4)
start = {"weight": weight.flatten().tolist(), "bias": bias.tolist()}
weight.requires_grad_(), bias.requires_grad_()
optimiser = torch.optim.AdamW(
    [{"params": [weight], "weight_decay": 0.05}, {"params": [bias], "weight_decay": 0.0}], betas=(0.9, 0.999), eps=1e-8
)
steps = []
for lr in (1e-3, 2e-3, 0.05, 1e-4, 0.3):
    weight.grad, bias.grad = torch.randn(2, 3), torch.randn(4)
    for group in optimiser.param_groups:
        group["lr"] = lr
    optimiser.step()
    steps.append(
        {
            "lr": lr,
            "weight_gradient": weight.grad.flatten().tolist(),
            "bias_gradient": bias.grad.tolist(),
            "weight": weight.detach().flatten().tolist(),
            "bias": bias.detach().tolist(),
        }
    )
OUT.write_text(json.dumps({"start": start, "decay": 0.05, "steps": steps}, indent=1) + "\n")

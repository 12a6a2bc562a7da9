#!/usr/bin/env python3
"""Golden losses and gradients of objectives by the code that their authors or solo-learn published.

    python3 golden/objectives.py SOLO CASSLE [FILE]   (default core/src/test/resources/golden/objective/objectives.json)

Needs torch. SOLO is a checkout of github.com/vturrisi/solo-learn at 9187ea3, CASSLE of
github.com/DonkeyShot21/cassle at b5b0929. Inputs are those that stand in the file already; losses and
gradients are computed anew in float64.
"""
import importlib.util
import json
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
SOLO, CASSLE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
FILE = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else HERE.parent / "core/src/test/resources/golden/objective/objectives.json"


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def loss(name, at, settings):
    if name.startswith("simclr"):
        n = at["z1"].shape[0]
        z = torch.cat([at["z1"], at["z2"]])
        indexes = torch.arange(n).repeat(2)
        return module(SOLO / "solo/losses/simclr.py").simclr_loss_func(z, indexes, settings["temperature"])
    if name == "byol":
        return module(SOLO / "solo/losses/byol.py").byol_loss_func(at["p"], at["z"])
    func = module(CASSLE / "cassle/losses/simclr.py").simclr_distill_loss_func
    p, z, t = (at["p1"], at["p2"]), (at["frozen1"], at["frozen2"]), settings["temperature"]
    return (func(*p, *z, t) + func(*z, *p, t)) / 2


golden = json.loads(FILE.read_text())
for case in golden["cases"]:
    at = {name: torch.tensor(rows, dtype=torch.float64) for name, rows in case["inputs"].items()}
    for name in case["gradients"]:
        at[name].requires_grad_(True)
    value = loss(case["name"], at, case["settings"])
    value.backward()
    case["loss"] = value.item()
    case["gradients"] = {name: at[name].grad.tolist() for name in case["gradients"]}
FILE.write_text(json.dumps(golden) + "\n")

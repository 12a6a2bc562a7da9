#!/usr/bin/env python3
"""Golden losses and gradients of objectives by the code that their authors, solo-learn or Lightly published.

    python3 golden/objectives.py SOLO CASSLE LIGHTLY [FILE]   (default core/src/test/resources/golden/objective/objectives.json)

Needs torch. SOLO is a checkout of github.com/vturrisi/solo-learn at 9187ea3, CASSLE of
github.com/DonkeyShot21/cassle at b5b0929, LIGHTLY of github.com/lightly-ai/lightly at e8d317fc (and the
requirements of all three). Inputs are those that stand in the file already; losses and gradients are computed anew in
float64.
"""
import importlib.util
import json
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
SOLO, CASSLE, LIGHTLY = (pathlib.Path(given) for given in sys.argv[1:4])
sys.path[:0] = [str(SOLO), str(CASSLE), str(LIGHTLY)]  # their losses import what stands beside them
FILE = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else HERE.parent / "core/src/test/resources/golden/objective/objectives.json"


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def solo(name):
    return module(SOLO / f"solo/losses/{name}.py")


def cassle(name):
    return module(CASSLE / f"cassle/losses/{name}.py")


def sigreg(proj, settings, directions):
    from lightly.loss.lejepa_loss import SIGReg

    func = SIGReg(settings["knots"], settings["t_max"], len(directions[0])).double()
    func._generate_unit_vectors = lambda device, dtype, num_features: torch.tensor(directions, dtype=dtype)
    return func(proj)


def loss(name, at, settings):
    t = settings.get("temperature")
    if name.startswith(("simclr", "supcon")):
        n = at["z1"].shape[0]
        labels = at["labels"].long() if "labels" in at else torch.arange(n)
        return solo("simclr").simclr_loss_func(torch.cat([at["z1"], at["z2"]]), labels.repeat(2), t)
    if name == "byol":
        return solo("byol").byol_loss_func(at["p"], at["z"])
    if name == "simsiam":
        return solo("simsiam").simsiam_loss_func(at["p"], at["z"])
    if name == "barlow twins":
        return solo("barlow").barlow_loss_func(at["z1"], at["z2"], settings["lambda"], settings["scale"])
    if name == "vicreg":
        weights = settings["sim"], settings["var"], settings["cov"]
        return solo("vicreg").vicreg_loss_func(at["z1"], at["z2"], *weights)
    if name == "moco v2":
        return solo("mocov2plus").mocov2plus_loss_func(at["query"], at["key"], at["queue"], t)
    if name == "moco v3":
        return solo("mocov3").mocov3_loss_func(at["query"], at["key"], t)
    if name == "nnclr":
        # Neighbours come from a queue of unit rows.
        return solo("nnclr").nnclr_loss_func(torch.nn.functional.normalize(at["nn"], dim=-1), at["p"], t)
    if name == "swav":
        views = [at["scores1"], at["scores2"]], [at["assign1"], at["assign2"]]
        return solo("swav").swav_loss_func(*views, t)
    if name == "mae":
        args = at["images"], at["prediction"], at["mask"], settings["patch"], settings["norm_pix_loss"]
        return solo("mae").mae_loss_func(*args)
    if name == "lejepa invariance":
        from lightly.loss.lejepa_loss import lejepa_invariance_loss

        return lejepa_invariance_loss(at["all"], at["global"])
    if name == "lejepa sigreg":
        return sigreg(at["proj"], settings, settings["directions"])
    if name == "koleo":
        from lightly.loss.koleo_loss import KoLeoLoss

        return KoLeoLoss()(at["x"])
    if name == "dcl":
        from lightly.loss.dcl_loss import DCLLoss

        return DCLLoss(temperature=t)(at["z1"], at["z2"])
    if name.startswith("tico"):
        from lightly.loss.tico_loss import TiCoLoss

        return TiCoLoss(settings["beta"], settings["rho"])(at["z1"], at["z2"])
    if name == "cassle predictive":
        return cassle("byol").byol_loss_func(at["p"], at["frozen"])
    if name == "cassle decorrelative":
        return cassle("barlow").barlow_loss_func(at["p"], at["frozen"], settings["lambda"], settings["scale"])
    if name != "cassle contrastive":
        raise SystemExit(f"no published code is known here for {name}: add it to loss()")
    func = cassle("simclr").simclr_distill_loss_func
    p, z = (at["p1"], at["p2"]), (at["frozen1"], at["frozen2"])
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

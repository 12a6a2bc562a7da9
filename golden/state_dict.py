#!/usr/bin/env python3
"""State dicts as torch writes them, and pickles that no reader should run.

    python3 golden/state_dict.py [FOLDER]     (default core/src/test/resources/golden/state-dict)

Needs torch 2.13 and safetensors. `values.json` holds what is in the tensors of kinds.*; resnet18-1.safetensors
has the weights of every file named resnet18-1*. The malicious files would run a command that does no harm.
"""
import collections
import json
import os
import pathlib
import pickle
import pickletools
import sys
import zipfile

import torch
from safetensors.torch import save_file
from torch import nn

from resnet import ResNet

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/state-dict"
OUT.mkdir(parents=True, exist_ok=True)
for old in OUT.iterdir():
    old.unlink()
torch.manual_seed(11)

# Every kind of number and of view.
base = torch.arange(24, dtype=torch.float32) * 0.37 - 3
kinds = collections.OrderedDict(
    single=base.view(4, 6).clone(),
    double=torch.tensor([1 / 3, -2e-300, 1e30], dtype=torch.float64),
    half=torch.tensor([0.1, -0.0, 6e-8, 65504, -2 ** -14, 1e-5], dtype=torch.float16),
    bfloat=torch.tensor([0.1, -3.3e38, 1e-40], dtype=torch.bfloat16),
    transposed=base.view(2, 3, 4).clone().permute(2, 0, 1),
    channels_last=base.view(2, 3, 2, 2).clone().contiguous(memory_format=torch.channels_last),
    every_second=base.clone()[1::2],
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 4),
    count=torch.tensor(7),
    shared_head=base[:6],
    shared_tail=base[5:],
    expanded=torch.tensor([[1.0], [2.0]]).expand(2, 3),
    parameter=nn.Parameter(torch.tensor([1.5, -1.5])),
)
values = {}
for name, tensor in kinds.items():
    if tensor.dtype.is_floating_point:
        values[name] = {"shape": list(tensor.shape), "values": tensor.detach().float().flatten().tolist()}
(OUT / "values.json").write_text(json.dumps(values))
torch.save(kinds, OUT / "kinds.pth")
torch.save(kinds, OUT / "kinds-protocol-4.pth", pickle_protocol=4)
torch.save(kinds, OUT / "kinds-old.pth", _use_new_zipfile_serialization=False)

# As on a machine of the other byte order: records turned, and the record that says so.
with zipfile.ZipFile(OUT / "kinds.pth") as zin, zipfile.ZipFile(OUT / "kinds-big-endian.pth", "w") as zout:
    pickled = zin.read("kinds/data.pkl")
    sizes, kind = {}, None
    words = [(op.name, arg) for op, arg, _ in pickletools.genops(pickled)]
    memo = {}
    for i, (op, arg) in enumerate(words):
        if op == "GLOBAL" and arg.endswith("Storage"):
            kind = {"Float": 4, "Double": 8, "Half": 2, "BFloat16": 2, "Long": 8}[arg.split(" ")[1][:-7]]
            memo[words[i + 1][1]] = kind
        if op == "BINGET" and arg in memo:
            kind = memo[arg]
        if op == "BINUNICODE" and arg.isdigit():
            sizes[arg] = kind
    for record in zin.infolist():
        data = zin.read(record)
        if record.filename.startswith("kinds/data/"):
            size = sizes[record.filename.split("/")[2]]
            data = b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))
        if record.filename.endswith("/byteorder"):
            data = b"big"
        zout.writestr(record.filename, data)

# An encoder, plain and as training scripts wrap it.
net = ResNet((2, 2, 2, 2), 1, False, True)
for m in net.modules():
    if isinstance(m, nn.BatchNorm2d):
        m.weight.data.uniform_(0.5, 1.5)
        m.bias.data.uniform_(-0.2, 0.2)
        m.running_mean.uniform_(-0.2, 0.2)
        m.running_var.uniform_(0.5, 1.5)
        m.num_batches_tracked.fill_(9)
state = net.state_dict()
save_file({k: v.clone() for k, v in state.items()}, OUT / "resnet18-1.safetensors")


def under(prefix, tensors):
    return {prefix + k: v for k, v in tensors.items()}


classifier = {"fc.weight": torch.zeros(3, 8), "fc.bias": torch.zeros(3)}
torch.save(collections.OrderedDict(state, **classifier), OUT / "resnet18-1-classifier.pth")
other = {k: torch.zeros_like(v) for k, v in list(state.items())[:8]}  # a twin, cut short
optimiser = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
torch.save(
    {
        "epoch": 200,
        "arch": "resnet18",
        "state_dict": {
            **under("module.encoder_q.", {**state, "fc.0.weight": torch.zeros(8, 8)}),
            **under("module.encoder_k.", other),
            "module.queue": torch.zeros(8, 4),
            "module.queue_ptr": torch.zeros(1, dtype=torch.long),
        },
        "optimizer": optimiser.state_dict(),
    },
    OUT / "resnet18-1-moco.pth.tar",
    _use_new_zipfile_serialization=False,
)
torch.save(
    {
        "state_dict": {
            **under("backbone.", state),
            **under("momentum_backbone.", other),
            "classifier.weight": torch.zeros(3, 8),
            "projector.0.weight": torch.zeros(8, 8),
        },
        "lr_schedulers": [{"base_lrs": [0.1], "verbose": False, "last": None}],
    },
    OUT / "resnet18-1-solo.ckpt",
)
half = {k: v.half() if v.dtype == torch.float32 else v for k, v in state.items()}
torch.save({"model": under("module.", half)}, OUT / "resnet18-1-half.pth")


# What must not run.
class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def archive(name, pickled):
    """A file of torch.save's form around any pickle."""
    with zipfile.ZipFile(OUT / name, "w") as out:
        out.writestr("evil/data.pkl", pickled)
        out.writestr("evil/byteorder", "little")
        out.writestr("evil/version", "3\n")


harmless = "echo this should not run"
archive("evil-system.pth", pickle.dumps({"a": Calls(os.system, harmless)}, 2))
archive("evil-eval.pth", pickle.dumps({"a": Calls(eval, "1 + 1")}, 4))
archive("evil-nested.pth", pickle.dumps({"a": Calls(getattr, Calls(__import__, "os"), "getcwd")}, 2))
archive("evil-text.pth", b"cposix\nsystem\n(S'" + harmless.encode() + b"'\ntR.")
archive("evil-instance.pth", b"(S'" + harmless.encode() + b"'\niposix\nsystem\n.")
# A call of what an innocent call gave, and attributes set on a function.
archive("evil-result.pth", b"\x80\x02ccollections\nOrderedDict\n)R)R.")
archive("evil-attributes.pth", b"\x80\x02ccollections\nOrderedDict\n}X\x01\x00\x00\x00aK\x01sb.")
archive("evil-class.pth", b"\x80\x02ccollections\nOrderedDict\n)\x81.")
with open(OUT / "evil-old.pth", "wb") as out:
    out.write(pickle.dumps(Calls(os.system, harmless), 2))
torch.save({"zeros": torch.zeros(1_000_000)}, OUT / "bomb.pth")
with zipfile.ZipFile(OUT / "bomb.pth") as zin:
    pickled, zeros = zin.read("bomb/data.pkl"), zin.read("bomb/data/0")
with zipfile.ZipFile(OUT / "bomb.pth", "w") as out:
    out.writestr("bomb/data.pkl", pickled)
    out.writestr("bomb/data/0", zeros, zipfile.ZIP_DEFLATED)
module = torch.jit.script(nn.Identity())
module.save(str(OUT / "program.pt"))

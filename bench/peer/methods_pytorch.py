#!/usr/bin/env python3
"""Further methods as a PyTorch user writes them today, for side-by-side runs: SimCLR, BYOL, and DINO on a ResNet or a ViT-Tiny.

The same recipes as the project's own: heads, losses, momentum twin, optimiser and views of its defaults for small pictures;
views, loader, encoder and clock are moco_pytorch.py's.

  python3 methods_pytorch.py --method simclr --width 16 --size 32 --batch 256 --workers 1
  python3 methods_pytorch.py --method byol   --width 16 --size 32 --batch 256
  python3 methods_pytorch.py --method dino   --encoder vit-tiny --size 32 --batch 64 [--local-crops 4]

Needs torch (the CPU wheel, or a CUDA one for --device cuda), numpy and Pillow. Prints one JSON line.
"""
import argparse, copy, json, math, random
import torch
import torch.nn.functional as F
from torch import nn
import moco_pytorch as family


class ViT(nn.Module):
    """ViT-Tiny: patches of 4 px up to 64 px and of 16 above, 12 blocks of width 192 with 3 heads, a class token."""

    def __init__(self, size, dim=192, depth=12, heads=3):
        super().__init__()
        patch = 4 if size <= 64 else 16
        self.side = size // patch
        self.patch = nn.Conv2d(3, dim, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, dim))
        self.place = nn.Parameter(0.02 * torch.randn(1, 1 + self.side ** 2, dim))
        self.blocks = nn.ModuleList(Attended(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)

    def places(self, side):
        if side == self.side:
            return self.place
        dim = self.place.shape[-1]
        grid = self.place[:, 1:].reshape(1, self.side, self.side, dim).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(side, side), mode="bicubic", align_corners=False)
        return torch.cat([self.place[:, :1], grid.flatten(2).transpose(1, 2)], 1)

    def forward(self, x):
        x = self.patch(x)
        places = self.places(x.shape[-1])
        x = torch.cat([self.token.expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], 1) + places
        for block in self.blocks:
            x = block(x)
        return self.norm(x[:, 0])


class Attended(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d))
        return x + self.mlp(self.norm2(x))


def normalised(*dims):
    """Linear layers, each hidden one followed by a normalisation and ReLU."""
    layers = []
    for i in range(1, len(dims)):
        hidden = i + 1 < len(dims)
        layers.append(nn.Linear(dims[i - 1], dims[i], bias=not hidden))
        layers += [nn.BatchNorm1d(dims[i]), nn.ReLU(inplace=True)] if hidden else []
    return nn.Sequential(*layers)


class Method(nn.Module):
    """An encoder with its heads, and the momentum twin of both where the method has one."""

    def __init__(self, encoder, projector, twin=False):
        super().__init__()
        self.q = nn.Sequential(encoder, projector)
        self.k = copy.deepcopy(self.q).requires_grad_(False) if twin else None

    def seen(self, net, views):
        """Views of one size in one pass, as the published multi-crop code does."""
        out, sizes = [], [v.shape[-1] for v in views]
        for size in sorted(set(sizes), reverse=True):
            same = [v for v in views if v.shape[-1] == size]
            out += net(torch.cat(same)).chunk(len(same))
        return out

    def follow(self, momentum):
        with torch.no_grad():
            torch._foreach_lerp_(list(self.k.parameters()), list(self.q.parameters()), 1 - momentum)


class SimCLR(Method):
    def __init__(self, encoder, dim):
        super().__init__(encoder, nn.Sequential(nn.Linear(dim, 2048), nn.ReLU(inplace=True), nn.Linear(2048, 128)))

    def loss(self, views, t=0.5):
        z = F.normalize(torch.cat(self.seen(self.q, views)).float(), dim=1)
        logits = (z @ z.T / t).fill_diagonal_(-math.inf)
        return F.cross_entropy(logits, torch.arange(len(z), device=z.device).roll(len(z) // 2))


class BYOL(Method):
    def __init__(self, encoder, dim):
        super().__init__(encoder, normalised(dim, 2048, 128), twin=True)
        self.predictor = normalised(128, 2048, 128)

    def loss(self, views):
        p = [self.predictor(z) for z in self.seen(self.q, views)]
        with torch.no_grad():
            z = self.seen(self.k, views)
        far = lambda a, b: 2 - 2 * F.cosine_similarity(a.float(), b.float()).mean()
        return far(p[0], z[1]) + far(p[1], z[0])

    def after(self):
        self.follow(0.995)


class DINO(Method):
    def __init__(self, encoder, dim, prototypes=1024):
        super().__init__(encoder, nn.Sequential(normalised(dim, 1024, 1024, 128), Unit(), nn.Linear(128, prototypes, bias=False)), twin=True)
        self.register_buffer("centre", torch.zeros(prototypes))

    def loss(self, views, student=0.1, teacher=0.02):
        s = [F.log_softmax(x.float() / student, dim=1) for x in self.seen(self.q, views)]
        with torch.no_grad():
            scores = [x.float() for x in self.seen(self.k, views[:2])]
            said = [F.softmax((x - self.centre) / teacher, dim=1) for x in scores]
            self.centre.lerp_(torch.cat(scores).mean(0), 0.1)
        pairs = [-(t * x).sum(1).mean() for i, t in enumerate(said) for j, x in enumerate(s) if i != j]
        return sum(pairs) / len(pairs)

    def after(self):
        self.follow(0.99)


class Unit(nn.Module):
    def forward(self, x):
        return F.normalize(x, dim=1)


class Crops(family.Pairs):
    """Two whole views and small ones of each picture."""

    def __init__(self, pixels, size, locals_, local_size):
        super().__init__(pixels, size)
        self.small = [family.View(local_size, (0.05, 0.2))] * locals_

    def __getitem__(self, i):
        picture = family.Image.fromarray(self.pixels[i])
        return [view(picture) for view in [self.view, self.view, *self.small]]


def throughput(a):
    pixels = family.np.random.default_rng(0).integers(0, 255, (a.batch * (a.steps + 3), a.size, a.size, 3), dtype="uint8")
    vit = a.encoder == "vit-tiny"
    encoder, dim = (ViT(a.size), 192) if vit else (family.resnet18(a.width, a.size <= 64), 8 * a.width)
    model = {"simclr": SimCLR, "byol": BYOL, "dino": DINO}[a.method](encoder, dim).to(a.device, memory_format=torch.channels_last)
    learned = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(learned, 5e-4, weight_decay=0.05, foreach=True) if vit else torch.optim.SGD(learned, 0.03, momentum=0.9, weight_decay=5e-4, foreach=True)

    def step(views):
        views = [x.to(a.device, memory_format=torch.channels_last, non_blocking=True) for x in views]
        opt.zero_grad(set_to_none=True)
        with torch.autocast(a.device.split(":")[0], torch.bfloat16, enabled=a.bf16):
            loss = model.loss(views)
        loss.backward()
        opt.step()
        if model.k is not None:
            model.after()

    return {"images_per_s": family.pace(family.loader(Crops(pixels, a.size, a.local_crops, a.local_size or a.size // 2), a), step, a)}


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["throughput"], nargs="?", default="throughput")
    p.add_argument("--method", choices=["simclr", "byol", "dino"], required=True)
    p.add_argument("--encoder", choices=["resnet18", "vit-tiny"], default="resnet18")
    p.add_argument("--local-crops", type=int, default=0)
    p.add_argument("--local-size", type=int, default=0, help="0: half of --size")
    family.shared(p)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed), random.seed(a.seed)
    print(json.dumps({"peer": "pytorch " + torch.__version__, **vars(a), **throughput(a)}))

#!/usr/bin/env python3
"""The Python peer: MoCo v2 as a PyTorch user writes it today, for side-by-side runs.

Same recipe as the project's own MoCo v2 (CIFAR-style ResNet-18 of a given width, two views,
momentum encoder, queue), PIL transforms in DataLoader workers, channels_last, bf16 autocast.

  python3 moco_pytorch.py throughput --width 16 --size 32 --batch 256 --workers 1
  python3 moco_pytorch.py augment    --size 32           # one core, microseconds per image (two views)
  python3 moco_pytorch.py decode --folder DIR --size 224 # one core, JPEG decode + two views
  python3 moco_pytorch.py features   --width 16 --size 32 # frozen features of decoded pictures
  python3 moco_pytorch.py throughput --folder DIR --size 224 --width 16 --batch 64   # from JPEG files
  python3 moco_pytorch.py train --npz train.npz --epochs 4   # loss curve and kNN, for quality at equal passes

Needs torch (the CPU wheel, or a CUDA one for --device cuda), numpy and Pillow. Prints one JSON line.
"""
import argparse, glob, io, json, math, os, random, sys, time
sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-pil
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from torch import nn

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class View:
    """MoCo v2's view: crop .2-1, jitter .4/.4/.4/.1 (p .8), grey .2, blur .5 (none at 32 px and below), flip."""

    def __init__(self, size, scale=(0.2, 1.0)):
        self.size, self.scale = size, scale
        self.mean = torch.tensor(MEAN).view(3, 1, 1)
        self.std = torch.tensor(STD).view(3, 1, 1)

    def __call__(self, im):
        w, h = im.size
        for _ in range(10):
            area = w * h * random.uniform(*self.scale)
            ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            cw, ch = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < cw <= w and 0 < ch <= h:
                break
        else:
            cw, ch = min(w, h), min(w, h)
        x, y = random.randint(0, w - cw), random.randint(0, h - ch)
        im = im.crop((x, y, x + cw, y + ch)).resize((self.size, self.size), Image.BILINEAR)
        if random.random() < 0.8:
            ops = [0, 1, 2, 3]
            random.shuffle(ops)
            for op in ops:
                if op == 0:
                    im = ImageEnhance.Brightness(im).enhance(random.uniform(0.6, 1.4))
                elif op == 1:
                    im = ImageEnhance.Contrast(im).enhance(random.uniform(0.6, 1.4))
                elif op == 2:
                    im = ImageEnhance.Color(im).enhance(random.uniform(0.6, 1.4))
                else:
                    hh, s, v = im.convert("HSV").split()
                    a = np.array(hh, dtype=np.uint8) + np.uint8(int(random.uniform(-0.1, 0.1) * 255) % 256)
                    im = Image.merge("HSV", (Image.fromarray(a, "L"), s, v)).convert("RGB")
        if random.random() < 0.2:
            im = im.convert("L").convert("RGB")
        if self.size > 32 and random.random() < 0.5:
            im = im.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))
        if random.random() < 0.5:
            im = ImageOps.mirror(im)
        t = torch.from_numpy(np.asarray(im).copy()).permute(2, 0, 1).float().div(255)
        return t.sub_(self.mean).div_(self.std)


class Pairs(torch.utils.data.Dataset):
    def __init__(self, pixels, size):
        self.pixels, self.view = pixels, View(size)

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, i):
        im = Image.fromarray(self.pixels[i])
        return self.view(im), self.view(im)


class FilePairs(torch.utils.data.Dataset):
    """Pairs of views from JPEG files, each repeated until the set is long enough."""

    def __init__(self, folder, length, size):
        self.files = jpegs(folder)
        self.length, self.view = length, View(size)

    def __len__(self):
        return self.length

    def __getitem__(self, i):
        im = Image.open(self.files[i % len(self.files)]).convert("RGB")
        return self.view(im), self.view(im)


def jpegs(folder):
    return sorted(glob.glob(os.path.join(folder, "**", "*.jpg"), recursive=True))


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = nn.Identity()
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


def resnet18(width, small):
    stem = [nn.Conv2d(3, width, 3, 1, 1, bias=False)] if small else [nn.Conv2d(3, width, 7, 2, 3, bias=False)]
    layers = stem + [nn.BatchNorm2d(width), nn.ReLU(inplace=True)] + ([] if small else [nn.MaxPool2d(3, 2, 1)])
    cin = width
    for stage in range(4):
        cout = width << stage
        for j in range(2):
            layers.append(Block(cin, cout, 2 if j == 0 and stage else 1))
            cin = cout
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class MoCo(nn.Module):
    def __init__(self, width, small, queue, momentum, temperature):
        super().__init__()
        dim = width * 8
        head = lambda: nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 128))
        self.q = nn.Sequential(resnet18(width, small), head())
        self.k = nn.Sequential(resnet18(width, small), head())
        self.k.load_state_dict(self.q.state_dict())
        for p in self.k.parameters():
            p.requires_grad_(False)
        self.register_buffer("queue", F.normalize(torch.randn(queue, 128), dim=1))
        self.ptr, self.m, self.t = 0, momentum, temperature

    def loss(self, x1, x2, bf16):
        with torch.no_grad():
            torch._foreach_lerp_(list(self.k.parameters()), list(self.q.parameters()), 1 - self.m)
        with torch.autocast(x1.device.type, torch.bfloat16, enabled=bf16):
            z = self.q(x1)
            with torch.no_grad():
                k = self.k(x2)
        z, k = F.normalize(z.float(), dim=1), F.normalize(k.float(), dim=1)
        logits = torch.cat([(z * k).sum(1, keepdim=True), z @ self.queue.clone().T], 1) / self.t
        n = min(len(k), len(self.queue) - self.ptr)
        self.queue[self.ptr:self.ptr + n] = k[:n].detach()
        self.ptr = (self.ptr + n) % len(self.queue)
        return F.cross_entropy(logits, torch.zeros(len(z), dtype=torch.long, device=z.device))


def parts(a):
    model = MoCo(a.width, a.size <= 64, a.queue, a.momentum, a.temperature).to(a.device, memory_format=torch.channels_last)
    opt = torch.optim.SGD(model.q.parameters(), a.lr, momentum=0.9, weight_decay=a.wd, foreach=True)
    return model, opt


def step(model, opt, x1, x2, a):
    x1, x2 = (x.to(a.device, memory_format=torch.channels_last, non_blocking=True) for x in (x1, x2))
    opt.zero_grad(set_to_none=True)
    loss = model.loss(x1, x2, a.bf16)
    loss.backward()
    opt.step()
    return loss


def loader(pairs, a):
    return torch.utils.data.DataLoader(pairs, a.batch, shuffle=True, drop_last=True,
                                       pin_memory=a.device != "cpu", num_workers=a.workers, persistent_workers=a.workers > 0)


def settle(a):
    """Waits for a card's queued work, before a clock is read."""
    if a.device != "cpu":
        torch.cuda.synchronize()


def throughput(a):
    length = a.batch * (a.steps + 3)
    if a.folder:
        pairs = FilePairs(a.folder, length, a.size)
    else:
        rng = np.random.default_rng(0)
        pairs = Pairs(rng.integers(0, 255, (length, a.size, a.size, 3), dtype=np.uint8), a.size)
    model, opt = parts(a)
    return {"images_per_s": pace(loader(pairs, a), lambda views: step(model, opt, *views, a), a)}


def pace(batches, learn, a):
    """Images a second of every step after the third."""
    done = start = 0
    for i, views in enumerate(batches):
        if i == 3:
            settle(a)
            start = time.perf_counter()
        learn(views)
        if i >= 3:
            done += len(views[0])
    settle(a)
    return done / (time.perf_counter() - start)


def shared(p):
    """Flags of every script of this family."""
    p.add_argument("--width", type=int, default=16)
    p.add_argument("--size", type=int, default=32)
    p.add_argument("--batch", type=int, default=256)
    p.add_argument("--steps", type=int, default=12)
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--device", default="cpu", help="cpu or cuda")
    p.add_argument("--fp32", dest="bf16", action="store_false")
    p.add_argument("--seed", type=int, default=0)


def augment(a):
    torch.set_num_threads(1)
    rng, view = np.random.default_rng(0), View(a.size)
    ims = [Image.fromarray(rng.integers(0, 255, (a.source or a.size, a.source or a.size, 3), dtype=np.uint8)) for _ in range(64)]
    for im in ims:
        view(im)
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < 5:
        view(ims[n % 64]), view(ims[n % 64])
        n += 1
    return {"us_per_image_two_views": 1e6 * (time.perf_counter() - start) / n}


def decode(a):
    torch.set_num_threads(1)
    view = View(a.size)
    blobs = [open(f, "rb").read() for f in jpegs(a.folder)[:256]]
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < 8:
        im = Image.open(io.BytesIO(blobs[n % len(blobs)])).convert("RGB")
        view(im), view(im)
        n += 1
    return {"us_per_image_decode_two_views": 1e6 * (time.perf_counter() - start) / n, "files": len(blobs)}


def features(a):
    """The best of several passes, after one to warm up."""
    pixels = np.random.default_rng(0).integers(0, 255, (a.images, a.size, a.size, 3), dtype=np.uint8)
    net = parts(a)[0].q[0]
    seconds, until = float("inf"), time.perf_counter() + 8
    embed(net, pixels, a)
    while time.perf_counter() < until:
        start = time.perf_counter()
        embed(net, pixels, a)
        seconds = min(seconds, time.perf_counter() - start)
    return {"images_per_s": len(pixels) / seconds}


def embed(net, pixels, a):
    mean, std = (torch.tensor(t, device=a.device).view(1, 3, 1, 1) for t in (MEAN, STD))
    net.eval()
    out = []
    with torch.no_grad(), torch.autocast(torch.device(a.device).type, torch.bfloat16, enabled=a.bf16):
        for i in range(0, len(pixels), 500):
            x = torch.from_numpy(pixels[i:i + 500]).to(a.device).permute(0, 3, 1, 2).float().div(255).sub(mean).div(std)
            out.append(net(x.contiguous(memory_format=torch.channels_last)).float().cpu())
    net.train()
    return F.normalize(torch.cat(out), dim=1)


def knn(train, labels, test, truth, k=200, t=0.1):
    classes, hits = int(labels.max()) + 1, 0
    for i in range(0, len(test), 1000):
        sim, at = (test[i:i + 1000] @ train.T).topk(min(k, len(train)))
        votes = torch.zeros(len(sim), classes).scatter_add_(1, labels[at], (sim / t).exp())
        hits += (votes.argmax(1) == truth[i:i + 1000]).sum().item()
    return 100 * hits / len(test)


def train(a):
    """npz with x [n,h,w,3] uint8, y [n]; and the same under test_x, test_y."""
    d = np.load(a.npz)
    model, opt = parts(a)
    steps, i, curve = a.epochs * (len(d["x"]) // a.batch), 0, []
    spent = 0
    for epoch in range(a.epochs):
        losses, start = [], time.perf_counter()
        for x1, x2 in loader(Pairs(d["x"], a.size), a):
            for g in opt.param_groups:
                g["lr"] = a.lr * 0.5 * (1 + math.cos(math.pi * i / steps))
            losses.append(step(model, opt, x1, x2, a).item())
            i += 1
        spent += time.perf_counter() - start  # training alone: kNN is left out
        acc = None
        if (epoch + 1) % a.knn_every == 0 or epoch + 1 == a.epochs:
            acc = knn(embed(model.q[0], d["x"], a), torch.from_numpy(d["y"]).long(),
                      embed(model.q[0], d["test_x"], a), torch.from_numpy(d["test_y"]).long())
        curve.append({"epoch": epoch + 1, "loss": sum(losses) / len(losses), "knn": acc, "seconds": spent})
        print(json.dumps(curve[-1]), file=sys.stderr, flush=True)
    return {"curve": curve}


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["throughput", "augment", "decode", "features", "train"])
    shared(p)
    p.add_argument("--source", type=int, default=0, help="source size for `augment`; 0: as --size")
    p.add_argument("--images", type=int, default=4000)
    p.add_argument("--queue", type=int, default=4096)
    p.add_argument("--momentum", type=float, default=0.99)
    p.add_argument("--temperature", type=float, default=0.2)
    p.add_argument("--lr", type=float, default=0.06)
    p.add_argument("--wd", type=float, default=5e-4)
    p.add_argument("--epochs", type=int, default=4)
    p.add_argument("--knn-every", type=int, default=1, help="epochs between kNN judgements of `train`")
    p.add_argument("--folder")
    p.add_argument("--npz")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed), random.seed(a.seed)
    print(json.dumps({"peer": "pytorch " + torch.__version__, **vars(a), **globals()[a.what](a)}))

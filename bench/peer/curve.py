#!/usr/bin/env python3
"""Draws the loss of our runs beside the peer's: mean a epoch, one line a seed.

  python3 curve.py OUT.svg --ours runs/joint-s1 runs/joint-s2 --peer peer-s1.log peer-s2.log

A peer's log is what `moco_pytorch.py train` wrote to stderr: one JSON line an epoch. Prints the last epoch's means.
"""
import argparse, collections, json, os

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("out")
p.add_argument("--ours", nargs="+", required=True)
p.add_argument("--peer", nargs="+", required=True)
a = p.parse_args()


def ours(run):
    losses = collections.defaultdict(list)
    with open(os.path.join(run, "metrics.jsonl")) as f:
        for line in f:
            step = json.loads(line)
            losses[step["epoch"]].append(step["loss"])
    return [sum(v) / len(v) for _, v in sorted(losses.items())]


def peer(log):
    with open(log) as f:
        return [json.loads(line)["loss"] for line in f if line.startswith("{\"epoch\"")]


lines = [("Millrace", "#0072b2", ours(r)) for r in a.ours] + [("PyTorch", "#d55e00", peer(log)) for log in a.peer]
epochs = max(len(v) for _, _, v in lines)
low = min(min(v) for _, _, v in lines)
high = max(max(v) for _, _, v in lines)
low, high = int(low * 2) / 2, int(high * 2 + 1) / 2
W, H, L, B, T = 640, 320, 56, 44, 40


def x(e):
    return L + (W - L - 110) * (e / max(1, epochs - 1))


def y(v):
    return T + (H - T - B) * (high - v) / (high - low)


svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" font-family="sans-serif" font-size="13" role="img" aria-label="Loss of MoCo v2, Millrace beside PyTorch">',
       '<rect width="100%" height="100%" fill="#ffffff"/>',
       f'<text x="{L}" y="22" font-size="14" fill="#222">MoCo v2 loss on the same 20 000 pictures, mean of each epoch, two seeds each</text>']
v = low
while v <= high + 1e-9:
    svg.append(f'<line x1="{L}" x2="{x(epochs - 1):.1f}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#e6e6e6"/>'
               f'<text x="{L - 8}" y="{y(v) + 4:.1f}" text-anchor="end" fill="#666">{v:.1f}</text>')
    v += 0.5
for e in range(epochs):
    svg.append(f'<text x="{x(e):.1f}" y="{H - B + 20}" text-anchor="middle" fill="#666">{e + 1}</text>')
svg.append(f'<text x="{(L + x(epochs - 1)) / 2:.1f}" y="{H - 6}" text-anchor="middle" fill="#666">epoch</text>')
for i, (name, colour, values) in enumerate(lines):
    points = " ".join(f"{x(e):.1f},{y(v):.1f}" for e, v in enumerate(values))
    dash = "" if name == "Millrace" else ' stroke-dasharray="6 4"'
    svg.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
for name, colour in (("Millrace", "#0072b2"), ("PyTorch", "#d55e00")):
    ends = [v[-1] for n, _, v in lines if n == name]
    offset = -6 if name == max(lines, key=lambda line: line[2][-1])[0] else 16
    svg.append(f'<text x="{x(epochs - 1) + 8:.1f}" y="{y(sum(ends) / len(ends)) + offset:.1f}" fill="{colour}">{name}</text>')
svg.append("</svg>")
with open(a.out, "w") as f:
    f.write("\n".join(svg) + "\n")
for name, _, values in lines:
    print(name, " ".join(f"{v:.3f}" for v in values))

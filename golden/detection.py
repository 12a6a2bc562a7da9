#!/usr/bin/env python3
"""Golden values of the detector's parts by torchvision: anchors, coder, matcher, suppression, RoIAlign,
pyramid, both losses, proposals and detections.

    /usr/bin/python3 -I golden/detection.py > core/src/test/resources/golden/detection/detection.json

Needs torchvision 0.14 with torch 1.13 (Debian's python3-torchvision and python3-torch; remove them with
libtorch-dev afterwards: JavaCPP also finds libraries of the system, and two libtorch in one JVM crash it). The evaluator's
values, coco-eval.json beside it, are pycocotools' answers.
"""
import json
import sys
from collections import OrderedDict

import torch
import torchvision
from torchvision.models.detection import _utils as det_utils
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign, batched_nms, nms
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

torch.manual_seed(5)


def short(t):
    return (t * 1000).round() / 1000


def boxes(n, width, height, least=1.0):
    xy = torch.rand(n, 2) * torch.tensor([width - 2 * least, height - 2 * least])
    wh = least + torch.rand(n, 2) * (torch.tensor([float(width), float(height)]) - xy - least)
    return short(torch.cat([xy, xy + wh], 1))


def flat(t):
    return [float(f"{v:.7g}") for v in t.detach().double().flatten().tolist()]


def ints(t):
    return [int(v) for v in t.flatten().tolist()]


out = {"made_with": f"torchvision {torchvision.__version__}, torch {torch.__version__}"}

# Anchors: three levels of a 24 x 16 picture, sides of eight strides.
grids, strides = [(16, 24), (8, 12), (4, 6)], [1, 2, 4]
generator = AnchorGenerator(tuple((8 * s,) for s in strides), ((0.5, 1.0, 2.0),) * 3)
images = ImageList(torch.zeros(2, 3, 16, 24), [(16, 24), (14, 20)])
maps = [torch.zeros(2, 4, *g) for g in grids]
anchors = generator(images, maps)[0]
out["anchors"] = flat(anchors)

# Coder.
truth, near = boxes(12, 60, 40), boxes(12, 60, 40)
out["coder"] = {"boxes": flat(truth), "references": flat(near)}
for name, weights in (("proposals", (1.0, 1.0, 1.0, 1.0)), ("detections", (10.0, 10.0, 5.0, 5.0))):
    coder = det_utils.BoxCoder(weights)
    offsets = short(torch.randn(12, 4) * 3 * weights[0])
    out["coder"][name] = {
        "encoded": flat(coder.encode([truth], [near])[0]),
        "offsets": flat(offsets),
        "decoded": flat(coder.decode(offsets, [near])),
    }

# Matcher.
gt, proposals = boxes(5, 40, 40, 6), boxes(300, 40, 40, 4)
iou = torchvision.ops.box_iou(gt, proposals)
out["matcher"] = {
    "truths": flat(gt),
    "boxes": flat(proposals),
    "first": ints(det_utils.Matcher(0.7, 0.3, allow_low_quality_matches=True)(iou)),
    "second": ints(det_utils.Matcher(0.5, 0.5, allow_low_quality_matches=False)(iou)),
}

# Suppression.
b, s, g = boxes(200, 30, 30, 5), torch.randperm(200) / 200.0, torch.randint(0, 3, (200,))
out["nms"] = {
    "boxes": flat(b), "scores": flat(s), "groups": ints(g),
    "all": ints(nms(b, s, 0.5)), "grouped": ints(batched_nms(b, s, g, 0.7)),
}

# RoIAlign over three levels, with the gradient of a weighted sum.
levels = [short(torch.randn(2, 3, *g)).requires_grad_() for g in grids]
rois = [boxes(6, 24, 16), torch.tensor([[-3.0, -2.0, 5.0, 9.0], [18.0, 10.0, 30.0, 22.0], [2.0, 2.0, 2.5, 2.25],
                                        [0.0, 0.0, 24.0, 16.0], [-30.0, 0.0, -20.0, 8.0]])]
pool = MultiScaleRoIAlign(["0", "1", "2"], 3, 2, canonical_scale=14, canonical_level=0)
pooled = pool(OrderedDict(zip("012", levels)), rois, [(16, 24), (16, 24)])
# canonical 14 on level 0 is torchvision's 224 on level 4.
mix = short(torch.randn(pooled.shape))
(pooled * mix).sum().backward()
out["roi_align"] = {
    "levels": [flat(l) for l in levels], "rois": [flat(r) for r in rois],
    "pooled": flat(pooled), "mix": flat(mix), "gradients": [flat(l.grad) for l in levels],
}

# Pyramid.
fpn = FeaturePyramidNetwork([2, 3, 4], 4, LastLevelMaxPool())
stages = [short(torch.randn(1, c, *g)) for c, g in zip((2, 3, 4), [(9, 11), (5, 6), (3, 3)])]
with torch.no_grad():
    for p in fpn.parameters():
        p.copy_(short(torch.randn(p.shape)))
    levels = fpn(OrderedDict(zip("012", stages)))
out["pyramid"] = {
    "stages": [flat(x) for x in stages], "levels": [flat(x) for x in levels.values()],
    "inner": [[flat(block[0].weight), flat(block[0].bias)] for block in fpn.inner_blocks],
    "layer": [[flat(block[0].weight), flat(block[0].bias)] for block in fpn.layer_blocks],
}


class Everything:
    """A sampler that takes every anchor that is not in between."""

    def __call__(self, labels):
        return [(l >= 1).to(torch.uint8) for l in labels], [(l == 0).to(torch.uint8) for l in labels]


# First stage: loss and proposals.
rpn = RegionProposalNetwork(generator, RPNHead(4, 3), 0.7, 0.3, 256, 0.5,
                            {"training": 60, "testing": 40}, {"training": 50, "testing": 30}, 0.7)
rpn.fg_bg_sampler = Everything()
rpn.eval()
count = anchors.shape[0]
logits = (torch.randperm(2 * count).view(2, count) / count * 2 - 2).requires_grad_()  # no two alike
offsets = short(torch.randn(2, count, 4) * 0.3).requires_grad_()
targets = [{"boxes": boxes(3, 24, 16, 4)}, {"boxes": boxes(2, 20, 14, 4)}]
labels, matched = rpn.assign_targets_to_anchors([anchors] * 2, targets)
wanted = rpn.box_coder.encode(matched, [anchors] * 2)
classes, places = rpn.compute_loss(logits.reshape(-1, 1), offsets.reshape(-1, 4), labels, wanted)
(classes + places).backward()
decoded = rpn.box_coder.decode(offsets.detach().reshape(-1, 4), [anchors] * 2).view(2, -1, 4)
found, _ = rpn.filter_proposals(decoded, logits.detach().reshape(-1, 1), images.image_sizes,
                                [3 * h * w for h, w in grids])
out["rpn"] = {
    "logits": flat(logits), "offsets": flat(offsets), "truths": [flat(t["boxes"]) for t in targets],
    "classes": classes.item(), "boxes": places.item(),
    "logits_gradient": flat(logits.grad), "offsets_gradient": flat(offsets.grad),
    "proposals": [flat(p) for p in found],
}

# Second stage: loss and detections.
rows, K = 20, 3
class_logits = short(torch.randn(rows, K + 1) * 2).requires_grad_()
box_offsets = short(torch.randn(rows, 4 * (K + 1))).requires_grad_()
label = torch.randint(0, K + 1, (rows,))
regression = short(torch.randn(rows, 4))
classes, places = fastrcnn_loss(class_logits, box_offsets, [label], [regression])
(classes + places).backward()
heads = RoIHeads(None, None, None, 0.5, 0.5, 512, 0.25, None, 0.05, 0.5, 15)
shapes = [(16, 24), (14, 20)]
given = [boxes(rows // 2, 24, 16), boxes(rows // 2, 20, 14)]
b, s, l = heads.postprocess_detections(class_logits.detach(), box_offsets.detach(), given, shapes)
out["head"] = {
    "logits": flat(class_logits), "offsets": flat(box_offsets), "labels": ints(label),
    "wanted": flat(regression), "classes": classes.item(), "boxes": places.item(),
    "logits_gradient": flat(class_logits.grad), "offsets_gradient": flat(box_offsets.grad),
    "proposals": [flat(p) for p in given],
    "found": [{"boxes": flat(b[i]), "scores": flat(s[i]), "labels": ints(l[i])} for i in range(2)],
}
json.dump(out, sys.stdout, separators=(",", ":"))
print()

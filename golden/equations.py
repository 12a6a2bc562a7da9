#!/usr/bin/env python3
"""Golden losses and gradients of objectives for which no published function stands alone: symmetric and masked forms,
assignments, and the terms that remedies add.

    python3 golden/equations.py [FILE]     (default core/src/test/resources/golden/objective/equations.json)

Needs numpy. Each loss is its equation written out row by row in float64, by the papers and the constants of the code
that their authors published; gradients are central differences of fourth order (step 1e-4: right to some 1e-9), so that
nothing is derived by hand. Nothing of the product reads Python; the tests read the JSON.
"""
import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "core/src/test/resources/golden/objective/equations.json"
rng = np.random.default_rng(29)
STEP = 1e-4


def rows(n=5, d=4):
    return rng.normal(size=(n, d)).round(4)


def unit(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True))


def cos(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def entropy_of(target, scores, t):
    """Mean over rows of the cross-entropy of a softmax with rows that sum to 1."""
    return float(np.mean([-(q * np.log(softmax(s / t))).sum() for q, s in zip(target, scores)]))


def info_nce(q, k, negatives, t, own=None):
    total = 0.0
    for i in range(len(q)):
        others = [np.exp(q[i] @ n / t) for j, n in enumerate(negatives) if own is None or not own[i][j]]
        right = np.exp(q[i] @ k[i] / t)
        total -= np.log(right / (right + sum(others)))
    return total / len(q)


def among_batch(a, b, t):
    """Mean over rows of a of the cross-entropy of the own row of b among all of b."""
    return float(np.mean([-np.log(softmax(np.array([cos(x, y) for y in b]) / t)[i]) for i, x in enumerate(a)]))


def nt_xent(one, two, t):
    z, n = np.concatenate([one, two]), len(one)
    total = 0.0
    for i in range(2 * n):
        e = [np.exp(cos(z[i], z[j]) / t) if j != i else 0.0 for j in range(2 * n)]
        total -= np.log(e[(i + n) % (2 * n)] / sum(e))
    return total / (2 * n)


def negative_cosine(p, z):
    return -float(np.mean([cos(a, b) for a, b in zip(p, z)]))


def distance(p, z):
    return 2 + 2 * negative_cosine(p, z)


def barlow(a, b, lam, scale):
    one, two = ((x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) for x in (a, b))
    c = one.T @ two / len(a)
    off = c[~np.eye(len(c), dtype=bool)]
    return scale * (((1 - np.diag(c)) ** 2).sum() + lam * (off**2).sum())


def vicreg(a, b, sim, var, cov, eps):
    def dead(x):
        return np.maximum(0, 1 - np.sqrt(x.var(0, ddof=1) + eps)).mean()

    def same(x):
        c = np.cov(x.T)
        return (c[~np.eye(len(c), dtype=bool)] ** 2).sum() / len(c)

    return sim * squared(a, b) + var * (dead(a) + dead(b)) + cov * (same(a) + same(b))


def squared(a, b):
    return float(((a - b) ** 2).mean())


def sinkhorn(scores, eps, rounds):
    """As in SwAV's algorithm 1: prototypes by rows, columns and rows made equal in turn, then each picture's sum 1."""
    q = np.exp(scores / eps).T
    q /= q.sum()
    k, n = q.shape
    for _ in range(rounds):
        q /= q.sum(1, keepdims=True) * k
        q /= q.sum(0, keepdims=True) * n
    return (q * n).T


def pairs(targets, scores, t):
    """Mean over a target view and another view."""
    found = [entropy_of(q, s, t) for a, q in enumerate(targets) for b, s in enumerate(scores) if a != b]
    return float(np.mean(found))


def sigreg(x, directions, knots, t_max):
    blocks = x if x.ndim == 3 else x[None]
    t = np.linspace(0, t_max, knots)
    total = []
    for block in blocks:
        for m in range(directions.shape[1]):
            along = block @ directions[:, m]
            phi = np.array([np.exp(1j * s * along).mean() for s in t])
            error = np.abs(phi - np.exp(-t * t / 2)) ** 2 * np.exp(-t * t / 2)
            total.append(2 * len(block) * ((error[1:] + error[:-1]) / 2 * np.diff(t)).sum())
    return float(np.mean(total))


def centre_invariance(views):
    centre = views.mean(0)
    return float(np.mean([(v - centre) ** 2 for v in views]))


def patches(image, side):
    c, height, width = image.shape
    return np.array(
        [
            [image[k, y + j, x + i] for j in range(side) for i in range(side) for k in range(c)]
            for y in range(0, height, side)
            for x in range(0, width, side)
        ]
    )


def mae(at, patch, norm):
    total = 0.0
    for image, predicted, hidden in zip(at["images"], at["prediction"], at["mask"]):
        wanted = patches(image, patch)
        if norm:
            wanted = (wanted - wanted.mean(1, keepdims=True)) / np.sqrt(wanted.var(1, ddof=1, keepdims=True) + 1e-6)
        total += (((predicted - wanted) ** 2).mean(1) * hidden).sum()
    return total / at["mask"].sum()


def cross_entropy(logits, labels, left=None):
    shown = logits if left is None else np.where(left > 0, -np.inf, logits)
    return float(np.mean([-np.log(softmax(row)[int(c)]) for row, c in zip(shown, labels)]))


def tico(at, beta, rho):
    one, two = unit(at["z1"]), unit(at["z2"])
    held = unit(BASE["z1"])  # no gradient flows through the covariance
    c = beta * at["C"] + (1 - beta) * held.T @ held / len(held)
    return float(1 - (one * two).sum(1).mean() + rho * np.mean([z @ c @ z for z in one]))


def osiris(at, t):
    def cross(a, b, others):
        return np.mean([info_nce(unit(x), unit(y), unit(others), t) for x, y in ((a, b), (b, a))])

    x, y = (at["x1"], at["x2"]), (at["y1"], at["y2"])
    both = (cross(*x, np.concatenate(y)) + cross(*y, np.concatenate(x))) / 2
    return 0.5 * (both + nt_xent(*y, t))


def pnr_simclr(at, t):
    z, p, f = (np.concatenate([at[k + "1"], at[k + "2"]]) for k in "zpf")
    n = len(z)
    total = 0.0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        now = sum(np.exp(cos(z[i], z[j]) / t) + np.exp(cos(z[i], f[j]) / t) for j in others)
        total -= np.log(np.exp(cos(z[i], z[(i + n // 2) % n]) / t) / now)
        then = sum(np.exp(cos(p[i], f[j]) / t) + np.exp(cos(p[i], z[j]) / t) for j in others)
        total -= np.log(np.exp(cos(p[i], f[i]) / t) / then)
    return total / n


def apart(at, near, far, mu, weight=1.0):
    """What the published distillers add: weight times the mean of the own views, less mu times that of the others."""
    own = (near(at["p1"], at["frozen1"]) + near(at["p2"], at["frozen2"])) / 2
    other = (far(at["p1"], at["frozen2"]) + far(at["p2"], at["frozen1"])) / 2
    return weight * own - mu * other


def pnr_moco(at, t, weight):
    negatives = np.concatenate([at["queue"], at["past_queue"]], 1).T
    return info_nce(at["query"], at["key"], negatives, t) + weight * info_nce(at["p"], at["frozen"], negatives, t)


CASES, BASE = [], {}


def case(name, about, inputs, of, loss, **settings):
    """One case; `of` names the inputs that have a gradient."""
    BASE.clear()
    BASE.update({k: np.array(v, dtype=float) for k, v in inputs.items()})
    gradients = {}
    for key in of:
        gradient = np.zeros_like(BASE[key])
        for index in np.ndindex(gradient.shape):
            def at(way):
                moved = dict(BASE, **{key: BASE[key].copy()})
                moved[key][index] += way * STEP
                return loss(moved)

            gradient[index] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)
        gradients[key] = gradient.tolist()
    CASES.append(
        {
            "name": name,
            "source": "golden/equations.py",
            "about": about,
            "settings": settings,
            "inputs": {k: v.tolist() for k, v in BASE.items()},
            "loss": float(loss(BASE)),
            "gradients": gradients,
        }
    )


def named(names, make):
    return {name: make() for name in names.split()}


q = lambda: unit(rows()).round(6)
queue = lambda k=6: unit(rows(k)).T.round(6)
own = (rng.random((5, 6)) < 0.3).astype(float)

case("moco v2, own keys left out", "He et al., eq. 1, without older keys of the query's own picture",
     {**named("query key", q), "queue": queue(), "own": own}, ["query"],
     lambda at: info_nce(at["query"], at["key"], at["queue"].T, 0.2, at["own"]), temperature=0.2)
case("moco v2 symmetric", "the mean of both ways", {**named("query1 query2 key1 key2", q), "queue": queue()},
     ["query1", "query2"],
     lambda at: (info_nce(at["query1"], at["key2"], at["queue"].T, 0.07)
                 + info_nce(at["query2"], at["key1"], at["queue"].T, 0.07)) / 2, temperature=0.07)
case("moco v3 symmetric", "Chen et al., algorithm 1: the sum of both ways", named("query1 query2 key1 key2", rows),
     ["query1", "query2"],
     lambda at: 2 * 0.3 * (among_batch(at["query1"], at["key2"], 0.3) + among_batch(at["query2"], at["key1"], 0.3)),
     temperature=0.3)
case("byol symmetric", "Grill et al., eq. 2, the sum of both ways", named("p1 p2 z1 z2", rows), ["p1", "p2"],
     lambda at: distance(at["p1"], at["z2"]) + distance(at["p2"], at["z1"]))
case("simsiam symmetric", "Chen and He, eq. 4", named("p1 p2 z1 z2", rows), ["p1", "p2"],
     lambda at: (negative_cosine(at["p1"], at["z2"]) + negative_cosine(at["p2"], at["z1"])) / 2)
case("simclr t=1.3", "NT-Xent, a warm one", named("z1 z2", rows), ["z1", "z2"],
     lambda at: nt_xent(at["z1"], at["z2"], 1.3), temperature=1.3)
case("barlow twins, unscaled", "Zbontar et al., eq. 1", named("z1 z2", rows), ["z1", "z2"],
     lambda at: barlow(at["z1"], at["z2"], 0.02, 1), **{"lambda": 0.02})
case("vicreg 10 5 2", "Bardes et al., eq. 6 with other weights", named("z1 z2", rows), ["z1", "z2"],
     lambda at: vicreg(at["z1"], at["z2"], 10, 5, 2, 1e-3), sim=10, var=5, cov=2, eps=1e-3)


def near(z, keys):
    return np.array([keys[np.argmax([cos(a, k) for k in keys])] for a in z])


case("nnclr from a queue", "Dwibedi et al., eq. 3: neighbours in a queue, the mean of both ways",
     {**named("z1 z2 p1 p2", rows), "queue": rows(7)}, ["p1", "p2"],
     lambda at: (among_batch(near(at["z1"], at["queue"]), at["p2"], 0.25)
                 + among_batch(near(at["z2"], at["queue"]), at["p1"], 0.25)) / 2, temperature=0.25)
case("swav with a third, small crop", "Caron et al., eq. 2 over multi-crop; assignments by Sinkhorn's algorithm",
     named("scores1 scores2 scores3", rows), ["scores3"],
     lambda at: pairs([sinkhorn(at[k], 0.5, 3) for k in ("scores1", "scores2")],
                      [at[k] for k in ("scores1", "scores2", "scores3")], 0.2),
     temperature=0.2, epsilon=0.5, iterations=3)
held = named("scores1 scores2 queue1 queue2", rows)
fixed = [sinkhorn(np.concatenate([held["scores" + v], held["queue" + v]]), 0.3, 2)[:5] for v in "12"]
case("swav with queues", "assigned beside scores of earlier batches", held, ["scores1", "scores2"],
     lambda at: pairs(fixed, [at["scores1"], at["scores2"]], 0.1), temperature=0.1, epsilon=0.3, iterations=2)


def said(teacher, centre, t):
    return np.array([softmax((row - centre) / t) for row in teacher])


case("dino", "Caron et al., eqs. 1 to 3", {**named("student1 student2 teacher1 teacher2", rows), "center": rows(1)[0]},
     ["student1", "student2"],
     lambda at: pairs([said(at["teacher" + v], at["center"], 0.4) for v in "12"],
                      [at["student" + v] for v in "12"], 0.3), student_temp=0.3, teacher_temp=0.4)
case("dino with a small crop", "the teacher sees the first two",
     {**named("student1 student2 student3 teacher1 teacher2", rows), "center": rows(1)[0]},
     ["student1", "student2", "student3"],
     lambda at: pairs([said(at["teacher" + v], at["center"], 0.2) for v in "12"],
                      [at["student" + v] for v in "123"], 0.1), student_temp=0.1, teacher_temp=0.2)
pictures = {"images": rng.normal(size=(2, 3, 4, 4)).round(3), "prediction": rng.normal(size=(2, 4, 12)).round(3),
            "mask": np.array([[1, 0, 1, 1], [0, 1, 0, 1]])}
case("mae, pixels as they are", "He et al., section 3", pictures, ["prediction"], lambda at: mae(at, 2, False),
     patch=2, norm_pix_loss=False)
case("mae, normalised", "each patch less its mean, over its deviation", pictures, ["prediction"],
     lambda at: mae(at, 2, True), patch=2, norm_pix_loss=True)
directions = unit(rows(3, 4)).T.round(6)
case("lejepa sigreg, 9 knots to 2", "Balestriero and LeCun, section 4, of each view by itself",
     {"proj": np.stack([rows(), rows()])}, ["proj"], lambda at: sigreg(at["proj"], directions, 9, 2.0),
     knots=9, t_max=2.0, directions=directions.tolist())
case("lejepa", "section 5, all views global", {"all": np.stack([rows(), rows()])}, ["all"],
     lambda at: 0.05 * sigreg(at["all"], directions, 17, 3.0) + 0.95 * centre_invariance(at["all"]),
     **{"lambda": 0.05}, knots=17, t_max=3.0, directions=directions.tolist())
case("tico, a later batch", "Zhu et al., eq. 5 with a covariance", {**named("z1 z2", rows), "C": np.cov(rows().T).round(4)},
     ["z1", "z2"], lambda at: tico(at, 0.8, 8.0), beta=0.8, rho=8.0)
labels = np.array([2, 0, 3, 1, 1])
left = np.zeros((5, 4))
left[0, 3] = left[2, 0] = 1
case("cross entropy", "supervised", {"logits": rows(), "labels": labels}, ["logits"],
     lambda at: cross_entropy(at["logits"], at["labels"]))
case("supervised, foreign classes left out", "of a head that a chunk has a part of",
     {"logits": rows(), "labels": labels, "left": left}, ["logits"],
     lambda at: cross_entropy(at["logits"], at["labels"], at["left"]))

frozen = "p1 p2 frozen1 frozen2"
case("cassle invariant", "25 times the mean squared error, the mean over views", named(frozen, rows), ["p1", "p2"],
     lambda at: 25 * (squared(at["p1"], at["frozen1"]) + squared(at["p2"], at["frozen2"])) / 2, weight=25)
case("cassle vicreg", "the error alone, of one view", named("p frozen", rows), ["p"],
     lambda at: squared(at["p"], at["frozen"]))
case("cassle predictive, both views", "2 - 2 cos, weighed", named(frozen, rows), ["p1", "p2"],
     lambda at: 0.7 * (distance(at["p1"], at["frozen1"]) + distance(at["p2"], at["frozen2"])) / 2, weight=0.7)
case("cassle decorrelative, both views", "of each by itself", named(frozen, rows), ["p1", "p2"],
     lambda at: (barlow(at["p1"], at["frozen1"], 0.005, 0.1) + barlow(at["p2"], at["frozen2"], 0.005, 0.1)) / 2,
     **{"lambda": 0.005}, scale=0.1)
case("cassle contrastive, weighed", "both directions, views together", named(frozen, rows), ["p1", "p2"],
     lambda at: 0.5 * 0.5 * sum(among_batch(a, b, 0.3) for a, b in (
         (np.concatenate([at["p1"], at["p2"]]), np.concatenate([at["frozen1"], at["frozen2"]])),
         (np.concatenate([at["frozen1"], at["frozen2"]]), np.concatenate([at["p1"], at["p2"]])))),
     temperature=0.3, weight=0.5)
case("pfr", "Gomez-Villa et al., on features: -cos", named(frozen, rows), ["p1", "p2"],
     lambda at: 2.5 * (negative_cosine(at["p1"], at["frozen1"]) + negative_cosine(at["p2"], at["frozen2"])) / 2,
     **{"lambda": 2.5})
case("cla-b", "the aligned embedding beside the average network's: -cos", named("a ema", rows), ["a"],
     lambda at: 0.1 * negative_cosine(at["a"], at["ema"]), omega=0.1)
case("cla-r", "beside what was stored", named("a stored", rows), ["a"],
     lambda at: negative_cosine(at["a"], at["stored"]))
case("der", "features beside stored ones", {**named("features1 features2 stored", rows)}, ["features1", "features2"],
     lambda at: 0.4 * (squared(at["features1"], at["stored"]) + squared(at["features2"], at["stored"])) / 2, alpha=0.4)
case("osiris-r", "Zhang et al.: half of the cross-task loss and of the replayed pictures' own",
     {**named("x1 x2", rows), **named("y1 y2", lambda: rows(3))}, ["x1", "x2", "y1", "y2"],
     lambda at: 0.6 * osiris(at, 0.2), temperature=0.2, weight=0.6)
case("pnr simclr", "Cha et al.: both losses with the negatives of both models", named("z1 z2 p1 p2 f1 f2", rows),
     ["z1", "z2", "p1", "p2"], lambda at: pnr_simclr(at, 0.4), temperature=0.4)
case("pnr byol", "near the own view's past, away from the other's", named(frozen, rows), ["p1", "p2"],
     lambda at: apart(at, distance, distance, 0.5))
case("pnr byol mu=1", "another mu and another weight, which does not weigh mu", named(frozen, rows), ["p1", "p2"],
     lambda at: apart(at, distance, distance, 1.0, 0.6), mu=1.0, weight=0.6)
case("pnr barlow twins", "its loss to the own view's past, the cosine to the other's", named(frozen, rows), ["p1", "p2"],
     lambda at: apart(at, lambda p, f: barlow(p, f, 0.005, 0.1), negative_cosine, 1.0), **{"lambda": 0.005}, scale=0.1)
case("pnr vicreg", "25 times the error to the own view's past, less 23 times that to the other's", named(frozen, rows),
     ["p1", "p2"], lambda at: apart(at, lambda p, f: 25 * squared(p, f), squared, 23.0), sim=25)
case("pnr vicreg mu=8", "another mu", named(frozen, rows), ["p1", "p2"],
     lambda at: apart(at, lambda p, f: 25 * squared(p, f), squared, 8.0), sim=25, mu=8.0)
case("pnr moco v2", "one way: query and prediction, each against both queues",
     {**named("query key p frozen", q), "queue": queue(), "past_queue": queue(5)}, ["query", "p"],
     lambda at: pnr_moco(at, 0.2, 0.7), temperature=0.2, weight=0.7)
case("cassle assigned", "Fini et al.: the frozen prototypes' softmax beside the new ones', the mean over views",
     named(frozen, rows), ["p1", "p2"],
     lambda at: 0.8 * sum(entropy_of([softmax(f / 0.1) for f in at["frozen" + v]], at["p" + v], 0.1) for v in "12") / 2,
     temperature=0.1, weight=0.8)

case("barlow pnr, a small weight", "by the names of the published code", named(frozen, rows), ["p1", "p2"],
     lambda at: apart(at, lambda p, f: barlow(p, f, 0.005, 0.1), negative_cosine, 0.7, 0.3),
     distill_barlow_lamb=0.005, distill_scale_loss=0.1, distill_lamb=0.3, negative_lamb=0.7)
case("vicreg pnr, by the published weights", "25 times the error, less 8 times that to the other view's past",
     named("p1 p2 frozen_z1 frozen_z2", rows), ["p1", "p2"],
     lambda at: apart(dict(at, frozen1=at["frozen_z1"], frozen2=at["frozen_z2"]), squared, squared, 8.0, 25.0),
     distill_lamb=25.0, negative_lamb=8.0)


def symmetric_pnr(at, t):
    own = [info_nce(at["query" + a], at["key" + b], np.concatenate([at["queue"][i], at["past_queue"][i]], 1).T, t)
           + info_nce(at["p" + a], at["frozen" + a], np.concatenate([at["queue"][i], at["past_queue"][i]], 1).T, t)
           for a, b, i in (("1", "2", 1), ("2", "1", 0))]
    return sum(own) / 2


def same_class(at, t):
    """SupCon with the sum inside the logarithm, each picture a class of its own."""
    z = np.concatenate([at["z1"], at["z2"], at["z3"]])
    n, total = len(at["z1"]), 0.0
    for i in range(len(z)):
        e = [np.exp(cos(z[i], z[j]) / t) if j != i else 0.0 for j in range(len(z))]
        total -= np.log(sum(x for j, x in enumerate(e) if j % n == i % n) / sum(e))
    return total / len(z)


case("pnr moco v2 symmetric", "the mean of both ways, each against the other view's queues",
     {**named("query1 query2 key1 key2 p1 p2 frozen1 frozen2", q), "queue": np.stack([queue(), queue()]),
      "past_queue": np.stack([queue(4), queue(4)])}, ["query1", "query2", "p1", "p2"],
     lambda at: symmetric_pnr(at, 0.2), temperature=0.2)
case("pnr moco v2, own keys left out", "of both queues",
     {**named("query key p frozen", q), "queue": queue(), "past_queue": queue(6), "own": own, "past_own": own},
     ["query", "p"],
     lambda at: info_nce(at["query"], at["key"], np.concatenate([at["queue"], at["past_queue"]], 1).T, 0.2,
                         np.concatenate([own, own], 1))
     + info_nce(at["p"], at["frozen"], np.concatenate([at["queue"], at["past_queue"]], 1).T, 0.2,
                np.concatenate([own, own], 1)), temperature=0.2)
case("cla-e, both views", "the mean over views", named("a1 a2 ema1 ema2", rows), ["a1", "a2"],
     lambda at: 0.5 * (negative_cosine(at["a1"], at["ema1"]) + negative_cosine(at["a2"], at["ema2"])) / 2, omega=0.5)
case("simclr of three views", "all views of a picture are alike", named("z1 z2 z3", rows), ["z1", "z2", "z3"],
     lambda at: same_class(at, 0.4), temperature=0.4, batch=5)
case("lejepa with small crops", "section 5: the centre is of the global views, SIGReg of all",
     {"global_proj": np.stack([rows(), rows()]), "local_proj": np.stack([rows(), rows(), rows()])},
     ["global_proj", "local_proj"],
     lambda at: 0.1 * sigreg(np.concatenate([at["global_proj"], at["local_proj"]]), directions, 17, 3.0)
     + 0.9 * float(np.mean((np.concatenate([at["global_proj"], at["local_proj"]]) - at["global_proj"].mean(0)) ** 2)),
     lambda_param=0.1, sigreg_knots=17, sigreg_t_max=3.0, sigreg_num_vectors=3, directions=directions.tolist())
wide = {"images": rng.normal(size=(2, 3, 4, 6)).round(3), "prediction": rng.normal(size=(2, 6, 12)).round(3),
        "mask": np.array([[1, 0, 1, 1, 0, 0], [0, 1, 0, 1, 1, 1]])}
case("mae, a wide picture", "patches row by row", wide, ["prediction"], lambda at: mae(at, 2, True), patch=2,
     norm_pix_loss=True, eps=1e-6)

OUT.write_text(json.dumps({"made_by": "golden/equations.py", "precision": "float64", "cases": CASES}) + "\n")

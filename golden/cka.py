#!/usr/bin/env python3
"""Golden values of linear CKA: numpy, the unbiased HSIC written out as in Song et al., eq. 5.

  python3 golden/cka.py > core/src/test/resources/golden/insight/cka.json

Needs numpy. Nothing of the product reads Python; the tests read the JSON.
"""
import json
import sys

import numpy as np

rng = np.random.default_rng(11)
N, BATCH, D, E = 48, 12, 7, 5
x = rng.normal(size=(N, D)).round(3) + 2
y = (x @ rng.normal(size=(D, E)) + 0.8 * rng.normal(size=(N, E))).round(3)
z = rng.normal(size=(N, 3)).round(3)


def hsic1(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    return (np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))


def cka(a, b, size):
    parts = [slice(i, i + size) for i in range(0, N, size)]
    mean = lambda p, q: np.mean([hsic1(p[s] @ p[s].T, q[s] @ q[s].T) for s in parts])
    return float(mean(a, b) / np.sqrt(mean(a, a) * mean(b, b)))


all_three = [x, y, z]
json.dump({"made with": f"numpy {np.__version__}", "n": N,
           "representations": [{"d": r.shape[1], "values": r.ravel().tolist()} for r in all_three],
           "cases": [{"batch": size, "cka": [[cka(a, b, size) for b in all_three] for a in all_three]}
                     for size in (BATCH, N)]}, sys.stdout)

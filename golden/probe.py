#!/usr/bin/env python3
"""Golden values of the probes: numpy's kNN votes and scikit-learn's logistic regression.

  python3 golden/probe.py > core/src/test/resources/golden/probe/probe.json

Needs numpy and scikit-learn. Nothing of the product reads Python; the tests read the JSON.
"""
import json
import sys

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(7)
N, D, C, M = 300, 16, 4, 100
centres = rng.normal(size=(C, D))
labels = rng.integers(0, C, N + M)
x = (centres[labels] + 1.6 * rng.normal(size=(N + M, D)) + 0.7).round(3).astype(np.float32)
train, test, y, truth = x[:N], x[N:], labels[:N], labels[N:]


def knn(k, temperature):
    unit = lambda a: a.astype(np.float64) / np.linalg.norm(a.astype(np.float64), axis=1, keepdims=True)
    similarity = unit(test) @ unit(train).T
    out = []
    for row in similarity:
        near = np.argsort(-row, kind="stable")[:k]
        votes = np.zeros(C)
        np.add.at(votes, y[near], np.exp(row[near] / temperature))
        out.append(int(votes.argmax()))
    return {"k": k, "temperature": temperature, "predictions": out}


def logistic(lam):
    fit = LogisticRegression(C=1 / (lam * N), solver="lbfgs", tol=1e-8, max_iter=20000)
    fit.fit(train.astype(np.float64), y)
    z = train @ fit.coef_.T + fit.intercept_
    top = z.max(1, keepdims=True)
    logp = z - top - np.log(np.exp(z - top).sum(1, keepdims=True))
    loss = -logp[np.arange(N), y].mean() + lam / 2 * (fit.coef_**2).sum()
    bias = fit.intercept_ - fit.intercept_.mean()
    return {"lambda": lam, "weights": fit.coef_.round(6).tolist(), "bias": bias.round(6).tolist(),
            "loss": float(loss), "accuracy": 100 * float((fit.predict(test) == truth).mean())}


json.dump({"made with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "d": D,
           "train": [float(str(v)) for v in train.ravel()], "labels": y.tolist(),
           "test": [float(str(v)) for v in test.ravel()], "truth": truth.tolist(),
           "knn": [knn(200, 0.1), knn(20, 0.1), knn(5, 0.05), knn(1000, 0.5)],
           "logistic": [logistic(l) for l in (1e-2, 1e-1, 1.0)]}, sys.stdout)

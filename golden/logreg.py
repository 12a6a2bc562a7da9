#!/usr/bin/env python3
"""Many-shot by scikit-learn on exported features, beside what Millrace answered.

  ./millrace probe RUN --task linear --data SET --features DIR
  python3 golden/logreg.py DIR/SET/ENCODER ...

Needs numpy, safetensors and scikit-learn. The same 45 regularisers, the same validation part, the
same objective (scikit-learn's C is 1/(lambda N)); of equally good ones the largest, as in Millrace.
Ends with 1 when an accuracy differs by more than 0.1 %. Nothing of the product reads Python.
"""
import json
import pathlib
import sys
import time
import warnings

import numpy as np
from safetensors import safe_open
from sklearn.linear_model import LogisticRegression


def part(folder, name):
    with safe_open(folder / f"{name}.safetensors", "numpy") as f:
        return f.get_tensor("features").astype(np.float64), f.get_tensor("labels"), f.metadata()


def score(truth, told, metric):
    right = truth == told
    if metric == "top1":
        return 100 * right.mean()
    return 100 * np.mean([right[truth == c].mean() for c in np.unique(truth)])


def fit(x, y, lam, start=None):
    model = LogisticRegression(
        C=1 / (lam * len(x)), solver="lbfgs", tol=1e-5, max_iter=3000, warm_start=True)
    if start is not None:
        model.coef_, model.intercept_, model.classes_ = start
    return model.fit(x, y)


def judge(folder):
    train, y, about = part(folder, "train")
    validation, v, _ = part(folder, "validation")
    test, truth, _ = part(folder, "test")
    metric = about["metric"]
    mean = train.mean(0)  # with a free bias a shift changes no solution, only how soon it is found
    train, validation, test = train - mean, validation - mean, test - mean
    best, model, start = (-1, None), None, None
    began = time.time()
    for lam in np.logspace(-6, 5, 45)[::-1]:
        model = fit(train, y, lam, start)
        start = model.coef_.copy(), model.intercept_.copy(), model.classes_
        value = score(v, model.predict(validation), metric)
        if value > best[0]:
            best = value, lam
    model = fit(np.concatenate([train, validation]), np.concatenate([y, v]), best[1])
    theirs = score(truth, model.predict(test), metric)
    seconds = time.time() - began
    answers = json.loads((folder / "answers.json").read_text())
    ours = next(a for a in answers if a["task"] == "linear")
    # Had scikit-learn been told the lambda that Millrace picked:
    same = fit(np.concatenate([train, validation]), np.concatenate([y, v]), ours["lambda"])
    told = score(truth, same.predict(test), metric)
    print(f"{folder}: {len(y)} + {len(v)} x {train.shape[1]}, {metric}\n"
          f"  Millrace      {ours['value']:.2f} % at lambda {ours['lambda']:.2e}\n"
          f"  scikit-learn  {theirs:.2f} % at lambda {best[1]:.2e} ({seconds:.0f} s);"
          f" {told:.2f} % at Millrace's lambda")
    return abs(theirs - ours["value"]) <= 0.1


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    agree = [judge(pathlib.Path(folder)) for folder in sys.argv[1:]]
    sys.exit(0 if agree and all(agree) else 1)

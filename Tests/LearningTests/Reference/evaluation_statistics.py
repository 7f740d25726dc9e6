"""Writes korn_graubard.csv, clopper_pearson.csv, metrics.csv, calibrators.csv and zipf.csv: values of numpy, scipy and scikit-learn.

Run: pip install numpy scipy scikit-learn && python3 evaluation_statistics.py
"""

import csv
import os


import numpy as np
from scipy import optimize, special, stats
from sklearn import isotonic, metrics

FOLDER = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20260102)


def text(values):
    return " ".join(repr(float(value)) if not float(value).is_integer() else str(int(value)) for value in values)


def write(name, header, rows):
    with open(os.path.join(FOLDER, name), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# Korn and Graubard (1998): ratio estimate of clustered codes, Clopper-Pearson at the effective sample size.
rows = []
for case in range(160):
    n = int(random.choice([2, 5, 40, 150, 599, 600, 900]))
    most = int(random.choice([1, 2, 4, 14]))
    codes = random.integers(1, most + 1, n)
    rate = random.choice([0, 0.002, 0.02, 0.3, 1])
    strength = random.choice([0, 1])
    bad = random.random(n) < rate
    wrong = np.where(bad, codes, 0) if strength else random.binomial(codes, rate)
    alpha = float(random.choice([0.01, 0.02, 0.05]))
    random.choice(4)  # Once a level; drawn still, so that what follows stays as it is.
    guarded = bool(random.integers(2))
    N, E, m = codes.sum(), wrong.sum(), int((wrong > 0).sum())
    p_hat = E / N
    effect = 1.0
    if 0 < E < N:
        residuals = wrong - p_hat * codes
        variance = n / (n - 1) * np.sum(residuals**2) / N**2
        effect = max(1.0, variance / (p_hat * (1 - p_hat) / N))
    if E == N:
        p = 1.0
    elif E == 0:
        p = (1 - alpha * N / (n * most)) ** n
    else:
        size = N / (max(effect, np.sum(codes**2) / N) if guarded else effect)
        p = stats.beta.sf(alpha, p_hat * size + 1, size - p_hat * size)
    low, high = 0.0, 1.0
    if 0 < E < N:
        size = N / effect * (stats.norm.isf(0.025) / stats.t.isf(0.025, max(m - 1, 1))) ** 2
        low = stats.beta.ppf(0.025, p_hat * size, size - p_hat * size + 1)
        high = stats.beta.isf(0.025, p_hat * size + 1, size - p_hat * size)
    rows.append([text(codes), text(wrong), alpha, most, int(guarded), repr(float(effect)), repr(float(p)), repr(float(low)), repr(float(high))])
write("korn_graubard.csv", ["codes", "wrong", "alpha", "codesMax", "guarded", "designEffect", "pValue", "lower", "upper"], rows)

rows = []
for n in [1, 2, 10, 59, 149, 523, 3000, 100000]:
    for k in sorted({0, 1, 2, n // 20, n // 3, n - 1, n}):
        if 0 <= k <= n:
            for confidence in [0.9, 0.95, 0.99]:
                # Not binomtest(...).proportion_ci: its root finder stops at 1e-12 absolute, which is 1e-6 of the smallest bounds.
                tail = (1 - confidence) / 2
                low = special.betaincinv(k, n - k + 1, tail) if k else 0.0
                high = special.betainccinv(k + 1, n - k, tail) if k < n else 1.0
                rows.append([k, n, confidence, repr(float(low)), repr(float(high))])
write("clopper_pearson.csv", ["successes", "trials", "confidence", "lower", "upper"], rows)

rows = []
calibrators = []
for case in range(30):
    n = int(random.choice([12, 60, 200]))
    ties = bool(case % 2)
    scores = random.beta(2, 1.2, n)
    if ties:
        scores = np.round(scores, 1)
    labels = (random.random(n) < 0.1 + 0.85 * scores**2).astype(int)
    if labels.min() == labels.max():
        labels[0] = 1 - labels[0]
    # AURC: the risk at each rank, where equal scores are accepted together.
    risks = []
    for score in scores:
        chosen = scores >= score
        risks.append(1 - labels[chosen].mean())
    ranked = np.argsort(scores, kind="stable")
    bins = 5
    # Equal-mass bins; equal probabilities stay together.
    error, start = 0.0, 0
    for i in range(1, bins + 1):
        end = max(i * n // bins, start)
        while start < end < n and scores[ranked[end]] == scores[ranked[end - 1]]:
            end += 1
        if end > start:
            chosen = ranked[start:end]
            error += len(chosen) / n * abs(labels[chosen].mean() - scores[chosen].mean())
        start = end
    held = np.clip(scores, 1e-6, 1 - 1e-6)
    rows.append([text(scores), text(labels), repr(float(metrics.roc_auc_score(labels, scores))),
                 repr(float(metrics.log_loss(labels, np.column_stack([1 - held, held])))),
                 repr(float(metrics.brier_score_loss(labels, scores))), repr(float(np.mean(risks))), repr(float(error))])

    # Calibrators, at these points.
    points = np.linspace(0.01, 0.99, 25)
    fit = isotonic.IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    pav = np.clip(fit.predict(points), 1e-6, 1 - 1e-6)

    def best(columns, targets, count):
        """Maximum likelihood by Newton's method."""
        design = np.column_stack(columns + [np.ones(n)])
        w = np.zeros(count)
        for _ in range(200):
            p = special.expit(design @ w)
            gradient = design.T @ (p - targets)
            step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, gradient)
            # Halved until the loss does not rise.
            scale, before = 1.0, np.sum(np.logaddexp(0, design @ w) - targets * (design @ w))
            while scale > 1e-10:
                after = np.sum(np.logaddexp(0, design @ (w - scale * step)) - targets * (design @ (w - scale * step)))
                if after <= before:
                    break
                scale /= 2
            w = w - scale * step
            if np.max(np.abs(step)) < 1e-14:
                break
        return w

    first, second = np.log(held), -np.log1p(-held)
    try:
        w = best([first, second], labels, 3)
    except np.linalg.LinAlgError:
        continue  # Separable: no maximum.
    if w[0] < 0:
        w1 = best([second], labels, 2)
        w = np.array([0, w1[0], w1[1]])
    elif w[1] < 0:
        w1 = best([first], labels, 2)
        w = np.array([w1[0], 0, w1[1]])
    beta = np.clip(special.expit(w[0] * np.log(points) - w[1] * np.log1p(-points) + w[2]), 1e-6, 1 - 1e-6)
    positives = labels.sum()
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (n - positives + 2))
    v = best([special.logit(held)], targets, 2)
    platt = np.clip(special.expit(v[0] * special.logit(points) + v[1]), 1e-6, 1 - 1e-6)
    if w[0] >= 0 and w[1] >= 0 and v[0] >= 0:
        calibrators.append([text(scores), text(labels), text(points), text(pav), text(beta), text(platt)])
write("metrics.csv", ["scores", "labels", "auc", "logLoss", "brier", "aurc", "calibrationError"], rows)
write("calibrators.csv", ["scores", "labels", "points", "isotonic", "beta", "platt"], calibrators)

rows = []
for case in range(12):
    n = int(random.choice([5, 40, 73]))
    s = random.uniform(0.4, 1.8)
    weights = np.arange(1, n + 1) ** -s
    counts = random.multinomial(int(random.choice([300, 20000])), weights / weights.sum())
    counts = np.sort(counts[counts > 0])[::-1]
    if len(counts) < 2 or counts[0] == counts[-1]:
        continue
    ranks = np.arange(1, len(counts) + 1)
    logs = np.log(ranks)
    goal = np.sum(counts * logs) / counts.sum()
    score = lambda s: np.sum(ranks**-s * logs) / np.sum(ranks**-s) - goal
    line = stats.linregress(logs, np.log(counts))
    rows.append([text(random.permutation(counts)), repr(float(optimize.brentq(score, -5, 10, xtol=1e-14, rtol=1e-14))), repr(float(-line.slope)),
                 repr(float(line.intercept)), repr(float(line.rvalue**2))])
write("zipf.csv", ["counts", "exponent", "leastSquaresExponent", "intercept", "rSquared"], rows)

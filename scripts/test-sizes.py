#!/usr/bin/env python3
"""How often the tests of certificates pass where they should not: their sizes, measured.

Run: pip install numpy scipy && python3 scripts/test-sizes.py [--draws 20000] [--seed 1]

Documents are drawn whose codes are wrong at exactly the rate that a test is to refuse, and each test is made on them. The share of draws
in which it passes is its size, which should be no more than the level. Streams differ in how many codes a document has and in how errors
come together; a row of the table is the worst stream. Documents are drawn as counts of (codes, wrong codes), so a million cost little.

The p-value is that of Sources/Learning/Statistics/KornGraubard.swift, written a second time; LearningTests compares both on
Tests/LearningTests/Reference/korn_graubard.csv.
"""

import argparse
import itertools

import numpy as np
from scipy import special


def p_value(counts, codes, wrong, alpha, codes_max, guarded):
    """Of rows of counts of documents by cell; cell i is a document with codes[i] codes, wrong[i] of them wrong."""
    n = counts.sum(axis=1)
    total, errors = counts @ codes, counts @ wrong
    squares, products, squared_errors = counts @ codes**2, counts @ (codes * wrong), counts @ wrong**2
    with np.errstate(all="ignore"):
        rate = errors / total
        residuals = np.maximum(squared_errors - 2 * rate * products + rate**2 * squares, 0)
        effect = np.maximum(1, n / (n - 1) * residuals / total**2 / (rate * (1 - rate) / total))
        if guarded:
            effect = np.maximum(effect, squares / total)
        size = total / effect
        events = rate * size
        p = special.betaincc(events + 1, size - events, alpha)
        p = np.where(errors == 0, np.exp(n * np.log1p(-alpha * total / (n * codes_max))), p)
    return np.where((errors == total) | (n < 2), 1, p)


def is_guarded(documents, alpha, codes_max, level):
    return not (codes_max <= 2 and documents * alpha >= 12 and level >= 0.03)


def streams(codes_max, alpha):
    """Probabilities of documents by (codes, wrong codes), with the error rate of codes at alpha. By name."""
    found = {}
    shares = {1: [[1]], 2: [[1 - s, s] for s in (0.05, 0.15, 0.3, 0.5, 0.8, 1)]}.get(codes_max) or [
        [0.85, 0.1, 0.04, 0.01], [0.6, 0.2, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25], [0.9, 0, 0, 0.1], [0.5, 0, 0, 0.5], [0, 0, 0, 1],
    ]
    for share in shares:
        mean = sum((k + 1) * s for k, s in enumerate(share))

        def add(name, cells):
            """Cells of errors (codes, wrong, probability); the rest of each number of codes is right."""
            left = dict(enumerate(share, 1))
            probabilities = {}
            for k, e, p in cells:
                probabilities[k, e] = probabilities.get((k, e), 0) + p
                left[k] -= p
            for k, p in left.items():
                if p < -1e-12:
                    return
                if p > 0:
                    probabilities[k, 0] = p
            keys = sorted(probabilities)
            found[f"{name}, codes {share}"] = (np.array(keys, float), np.array([probabilities[key] for key in keys]))

        ks = [k for k in range(1, len(share) + 1) if share[k - 1] > 0]
        add("together", [(k, k, alpha * share[k - 1]) for k in ks])
        add("apart", [
            (k, e, share[k - 1] * special.comb(k, e) * alpha**e * (1 - alpha) ** (k - e)) for k in ks for e in range(1, k + 1)])
        most = ks[-1]
        if most > 1:
            add("the longest, wholly", [(most, most, alpha * mean / most)])
            add("the longest, one code", [(most, 1, alpha * mean)])
            add("one code of any", [(k, 1, alpha * mean * share[k - 1]) for k in ks])
            for part in (0.1, 0.25, 0.5, 0.75):
                add(f"{part:.0%} of errors the longest wholly, else one code of any", [(most, most, part * alpha * mean / most)] + [
                    (k, 1, (1 - part) * alpha * mean * share[k - 1]) for k in ks])
                if len(ks) > 1:
                    add(f"{part:.0%} of errors the longest wholly, else the shortest", [
                        (most, most, part * alpha * mean / most), (ks[0], 1, (1 - part) * alpha * mean / 1)])
    return found


def measured(draws, generator, level, codes_max, alpha, documents, guarded):
    """The worst size over the streams, and its stream."""
    worst = (-1, "")
    for name, (cells, probabilities) in streams(codes_max, alpha).items():
        counts = generator.multinomial(documents, probabilities / probabilities.sum(), size=draws).astype(float)
        passes = int((p_value(counts, cells[:, 0], cells[:, 1], alpha, codes_max, guarded) <= level).sum())
        worst = max(worst, (passes, name))
    return worst


def interval(passes, draws):
    low = special.betaincinv(passes, draws - passes + 1, 0.025) if passes else 0
    return low, special.betainccinv(passes + 1, draws - passes, 0.025)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--draws", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    generator = np.random.default_rng(options.seed)
    print("| codes at most | level | n·α | test | worst size | 95 % | α | n | errors |")
    print("|---:|---:|---:|---|---:|---|---:|---:|---|")
    for codes_max, level, events in itertools.product((2, 4), (0.05, 0.0304, 0.025, 0.0125), (1, 3, 6, 12, 20, 40)):
        for forced in (None, True):
            worst = (-1, "", 0, 0)
            for alpha in (0.01, 0.02, 0.05):
                documents = round(events / alpha)
                guarded = is_guarded(documents, alpha, codes_max, level)
                if forced and guarded:
                    continue
                passes, name = measured(options.draws, generator, level, codes_max, alpha, documents, forced or guarded)
                worst = max(worst, (passes, name, alpha, documents))
            if worst[0] < 0:
                continue
            low, high = interval(worst[0], options.draws)
            test = "guarded" if forced or is_guarded(worst[3], worst[2], codes_max, level) else "plain"
            print(f"| {codes_max} | {level} | {events} | {test} | {worst[0] / options.draws:.4f} | {low:.4f}–{high:.4f} | "
                  f"{worst[2]} | {worst[3]} | {worst[1]} |", flush=True)


if __name__ == "__main__":
    main()

"""Writes special_functions.csv: values of scipy against which the special functions are tested.

Run: pip install scipy mpmath && python3 special_functions.py

Each value is computed by scipy and by mpmath with 60 digits. Where they agree to 1e-12 the row says `scipy`; where scipy is less
exact than that (or underflows, or has no such function) it says `mpmath`. Arguments are written so that they read back exactly.
"""

import csv
import os
import random

import mpmath as mp
from scipy import special, stats

mp.mp.dps = 60
random.seed(20260101)
rows = []


def ibeta(a, b, x, upper=False):
    """I_x(a, b) by its power series in the smaller of x and 1 - x; where that is the other tail, with digits enough to subtract."""
    if upper:
        with mp.workdps(60):
            return ibeta(b, a, 1 - mp.mpf(x))
    if x <= 0.5:
        return ibeta_series(a, b, x)
    with mp.workdps(400):
        return 1 - ibeta_series(b, a, 1 - mp.mpf(x))


def ibeta_series(a, b, x):
    """I_x(a,b) = x^a (1-x)^b / (a B(a,b)) * sum (a+b)_n / (a+1)_n x^n (DLMF 8.17.8)."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    tolerance = mp.mpf(10) ** -(mp.mp.dps - 10)
    term = total = mp.mpf(1)
    n = 0
    while True:
        ratio = (a + b + n) / (a + 1 + n) * x
        term *= ratio
        total += term
        n += 1
        if ratio < 1 and term < total * tolerance:
            break
    log = a * mp.log(x) + b * mp.log1p(-x) - mp.log(a) - (mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))
    return mp.exp(log) * total


def igamma(a, x, upper=False):
    """P(a, x) by its power series; Q as 1 - P with digits enough for any double."""
    with mp.workdps(400 if upper else 60):
        a, x = mp.mpf(a), mp.mpf(x)
        term = total = 1 / a
        n = a
        while term > total * mp.mpf(10) ** -(mp.mp.dps - 10):
            n += 1
            term *= x / n
            total += term
        p = mp.exp(a * mp.log(x) - x - mp.loggamma(a)) * total
        return 1 - p if upper else p


def add(name, arguments, quick, exact):
    try:
        quick = float(quick)
    except Exception:
        quick = float("nan")
    value = float(exact)
    if value == 0 or abs(value) < 1e-305 or value != value:
        return
    agrees = quick == quick and abs(quick - value) <= 1e-12 * abs(value)
    padded = [repr(float(argument)) for argument in arguments] + [""] * (3 - len(arguments))
    rows.append([name] + padded + [repr(quick if agrees else value), "scipy" if agrees else "mpmath"])


def root(function, guess, steps=60):
    """Newton's method in high precision over ln |x|, the derivative numerical; the sign is that of the guess."""
    sign = 1 if guess > 0 else -1
    t = mp.log(abs(mp.mpf(float(guess))))
    for _ in range(steps):
        h = mp.mpf(10) ** -20
        value = function(sign * mp.exp(t))
        step = value * h / (function(sign * mp.exp(t + h)) - value)
        t -= step
        if abs(step) < mp.mpf(10) ** -25:
            break
    return sign * mp.exp(t)


for x in [1e-10, 1e-3, 0.1, 0.5, 0.9999999, 1.0000001, 1.5, 1.9999, 2.0001, 3.7, 10, 55.5, 171, 1e3, 1e5 + 0.25, 1e6, 1e9]:
    add("logGamma", [x], special.gammaln(x), mp.loggamma(mp.mpf(x)))

shapes = [(0.5, 0.5), (1, 1), (0.01, 3), (0.2, 50), (2, 3), (5, 1.5), (20, 0.7), (30.5, 80.25), (149, 1), (517, 6), (1000, 20), (5000, 101),
          (12345.6, 789.1), (1e5, 2e3), (5e5, 5e5), (980001, 20000), (999999, 2), (1, 1e6), (3.5, 999996)]
for a, b in shapes:
    mean, deviation = a / (a + b), (a * b / ((a + b) ** 2 * (a + b + 1))) ** 0.5
    for z in [-30, -12, -6, -3, -1, -0.2, 0, 0.5, 2, 4, 9, 20, 36]:
        x = mean + z * deviation
        if not 0 < x < 1:
            x = mean * 10.0 ** (z / 4) if z < 0 else 1 - (1 - mean) * 10.0 ** (-z / 4)
        add("betaLower", [x, a, b], special.betainc(a, b, x), ibeta(a, b, x))
        add("betaUpper", [x, a, b], special.betaincc(a, b, x), ibeta(a, b, x, upper=True))
    for p in [1e-250, 1e-100, 1e-20, 1e-6, 0.025, 0.3, 0.5, 0.8, 0.95, 0.999]:
        quick = special.betaincinv(a, b, p)
        if 0 < quick < 1 and a + b < 2e4:
            add("betaQuantile", [p, a, b], quick, root(lambda x: mp.log(ibeta(a, b, x)) - mp.log(mp.mpf(p)), quick))

for a in [0.05, 0.5, 1, 2.5, 10, 77.7, 1000, 54321, 500000]:
    for z in [-25, -9, -3, -1, 0, 0.7, 2, 5, 14, 33]:
        x = a + z * a ** 0.5
        if x <= 0:
            x = a * 10.0 ** (z / 2)
        add("gammaLower", [a, x], special.gammainc(a, x), igamma(a, x))
        add("gammaUpper", [a, x], special.gammaincc(a, x), igamma(a, x, upper=True))

for degrees in [0.5, 1, 2, 3, 7.3, 20, 100, 1234.5]:
    for p in [1e-200, 1e-30, 1e-5, 0.01, 0.05, 0.5, 0.95, 0.999]:
        quick = stats.chi2.ppf(p, degrees)
        if quick > 1e-300:
            exact = root(lambda x: mp.log(igamma(degrees / 2, x / 2)) - mp.log(mp.mpf(p)), quick)
            add("chiSquaredQuantile", [p, degrees], quick, exact)
    for q in [1e-200, 1e-30, 1e-5, 0.001]:
        quick = stats.chi2.isf(q, degrees)
        exact = root(lambda x: mp.log(igamma(degrees / 2, x / 2, upper=True)) - mp.log(mp.mpf(q)), quick)
        add("chiSquaredUpperQuantile", [q, degrees], quick, exact)

for z in [-37, -20, -8.3, -3, -1.96, -1, -0.01, 0, 0.5, 1.644853626951473, 2.5, 6]:
    add("normalLower", [z], special.ndtr(z), mp.ncdf(mp.mpf(z)))
for p in [1e-300, 1e-100, 1e-16, 1e-5, 0.01, 0.05, 0.3, 0.4999, 0.6, 0.95, 0.975, 0.9999]:
    exact = mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1) if p > 1e-30 else root(lambda z: mp.log(mp.ncdf(z)) - mp.log(mp.mpf(p)), special.ndtri(p))
    add("normalQuantile", [p], special.ndtri(p), exact)


def student(t, degrees):
    t, degrees = mp.mpf(t), mp.mpf(degrees)
    tail = ibeta(degrees / 2, mp.mpf(1) / 2, degrees / (degrees + t * t)) / 2
    return tail if t < 0 else 1 - tail


for degrees in [0.7, 1, 1.5, 2, 4, 9.25, 30, 199, 5000, 1e6]:
    for t in [-1e4, -200, -20, -5, -2.1, -1, -0.05, 0.3, 1.7, 8]:
        add("studentLower", [t, degrees], special.stdtr(degrees, t), student(t, degrees))
    for q in [1e-12, 1e-4, 0.01, 0.025, 0.03, 0.05, 0.2, 0.45]:
        quick = stats.t.isf(q, degrees)
        add("studentUpperQuantile", [q, degrees], quick, root(lambda t: mp.log(student(-t, degrees)) - mp.log(mp.mpf(q)), quick))

for n in [1, 7, 59, 149, 523, 3000, 40000, 10**6]:
    for p in [1e-6, 0.001, 0.02, 0.05] + ([0.3, 0.77] if n < 10**5 else []):
        for share in [0, 0.2, 0.6, 0.95, 1, 1.1, 1.6, 4]:
            k = int(n * p * share)
            if k < n:
                add("binomialLower", [k, n, p], special.bdtr(k, n, p), ibeta(k + 1, n - k, p, upper=True))
                add("binomialUpper", [k, n, p], special.bdtrc(k, n, p), ibeta(k + 1, n - k, p))

seen = set()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "special_functions.csv"), "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["function", "first", "second", "third", "value", "source"])
    for row in rows:
        key = tuple(row[:4])
        if key not in seen:
            seen.add(key)
            writer.writerow(row)

#!/usr/bin/env python3
"""Compares `sluice model train` with XGBoost's own Python package: the same rows, parameters and number of trees, one thread each.

    python3 bench/training.py .build/release/sluice --train train.jsonl.gz --tune tune.jsonl.gz

Needs numpy and xgboost 1.7 (pip install "numpy<2" xgboost==1.7.6). Python gets the rows ready-made; its time is that of building matrices from
them and of training as many rounds (their draws differ: the package was built with another standard library). Sluice's is the whole command: reading, finding features, training, calibrating, writing. Each is run `--runs` times in
turn, CPU time of the process; the medians are compared.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy  # noqa: E402
import xgboost  # noqa: E402


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def parameters(boosting, seed):
    return {
        "objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", "base_score": 0.5, "nthread": 1, "seed": seed,
        "eta": boosting["learningRate"], "max_depth": boosting["depthMax"], "min_child_weight": boosting["childWeightMin"],
        "subsample": boosting["rowShare"], "colsample_bytree": boosting["columnShare"], "lambda": boosting["l2"],
        "gamma": boosting["gainMin"],
    }


def train_in_python(directory, about, trees):
    """Returns seconds and, by head, trees and the log loss on tune."""
    boosting = about["boosting"]
    rows, tune_rows = (numpy.load(f"{directory}/{part}.npy") for part in ("train", "tune"))
    labels = {head: [numpy.load(f"{directory}/{part}-{head}.npy") for part in ("train", "tune")] for head in trees}
    start = time.process_time()
    train, tune = xgboost.DMatrix(rows, nthread=1), xgboost.DMatrix(tune_rows, nthread=1)
    results = {}
    for head in trees:
        train.set_label(labels[head][0])
        tune.set_label(labels[head][1])
        losses = {}
        xgboost.train(
            parameters(boosting, about["seed"]), train, min(trees[head] + boosting["patience"], boosting["roundsMax"]),
            evals=[(tune, "tune")], evals_result=losses, verbose_eval=False)
        losses = losses["tune"]["logloss"]
        results[head] = (len(losses), min(losses))
    return time.process_time() - start, results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--train", nargs="+", required=True)
    parser.add_argument("--tune", nargs="+", required=True)
    parser.add_argument("--label", default="item", choices=["item", "document"])
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    sluice, python = [], []
    with tempfile.TemporaryDirectory() as directory:
        command = [arguments.program, "model", "train", "--train", *arguments.train, "--tune", *arguments.tune]
        command += ["--label", arguments.label, "--out", f"{directory}/model.json"]
        subprocess.run(command + ["--features", directory], check=True, capture_output=True)
        with open(f"{directory}/model.json", encoding="utf-8") as file:
            model = json.load(file)
        trees = {
            head["head"]: len(booster["learner"]["gradient_booster"]["model"]["trees"])
            for head, booster in zip(model["model"]["heads"], model["boosters"])
        }
        for _ in range(arguments.runs):
            before = children_seconds()
            subprocess.run(command, check=True, capture_output=True)
            sluice.append(children_seconds() - before)
            seconds, results = train_in_python(directory, model["model"]["about"], trees)
            python.append(seconds)
    for head in model["model"]["heads"]:
        rounds, loss = results[head["head"]]
        print(f"{head['head']}: {rounds} rounds each; {trees[head['head']]} trees kept, loss {head['tuneLoss']:.5f}; Python {loss:.5f}")
    ratio = statistics.median(sluice) / statistics.median(python)
    print(f"sluice {statistics.median(sluice):.2f} s, Python {statistics.median(python):.2f} s, ratio {ratio:.3f}")
    sys.exit(0 if ratio <= 1.2 else 1)


if __name__ == "__main__":
    main()

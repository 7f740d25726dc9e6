#!/usr/bin/env python3
"""Prints the figures of docs/evaluation.md, "Extraction": what thresholds for fields capture, certified and not.

    evaluate-extraction.py SLUICE TRAIN TEST SCHEMA.json... [--seeds 5]

SLUICE is the program; TRAIN and TEST are files of reviewed results, one JSON object a line (gzip or plain). For each seed the documents of
TRAIN are shuffled and split into 30 % train, 15 % tune and 55 % certify. Models are trained on the first two with and without the engine's
evidence and the form of values (the engine's own confidences need no model: there the train documents certify as well); thresholds are planned on tune, certified on certify and tried on TEST, which shapes nothing.

Deterministic; the standard library alone.
"""
import argparse
import gzip
import json
import os
import random
import subprocess
import tempfile

SHARES = (0.30, 0.15)
SCORES = {
    "the engine's own confidence": None,
    "the engine's own, violations refused": None,
    "model, without evidence and format": ["--without", "evidence", "--without", "format"],
    "model, with evidence alone": ["--without", "format"],
    "model, with format alone": ["--without", "evidence"],
    "model, with evidence and format": [],
}
RULES = {
    "one field": ["--pool", "field"],
    "kind": ["--pool", "kind"],
    "type": ["--pool", "type"],
    "all": ["--pool", "all"],
    "kind, a document once": ["--pool", "kind", "--weight", "documents"],
    "type, a document once": ["--pool", "type", "--weight", "documents"],
    "all, a document once": ["--pool", "all", "--weight", "documents"],
}


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return file.readlines()


def split(path, seed, directory):
    """The paths of the three parts."""
    documents = lines(path)
    random.Random(seed).shuffle(documents)
    first = int(len(documents) * SHARES[0])
    second = first + int(len(documents) * SHARES[1])
    parts = (documents[:first], documents[first:second], documents[second:])
    paths = [os.path.join(directory, f"{seed}-{name}.jsonl") for name in ("train", "tune", "certify")]
    for part, name in zip(parts, paths):
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(part)
    return paths


def suggest(sluice, parts, test, schemas, score, model, rule, target, out):
    # Where no model is trained, the documents for it certify too.
    certify = [parts[2]] if model else [parts[0], parts[2]]
    command = [sluice, "thresholds", "suggest", "--tune", parts[1], "--certify", *certify, "--test", test, "--target", str(target)]
    command += ["--json", out, "--overwrite"] + RULES[rule]
    for schema in schemas:
        command += ["--schema", schema]
    if model:
        command += ["--model", model]
    elif "refused" in score:
        command += ["--refuse-violations"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as file:
        return json.load(file)


def rate(capture):
    accuracy = capture["accuracy"]
    return accuracy["codes"] / capture["of"], accuracy["right"] / accuracy["codes"] if accuracy["codes"] else None


def promised(capture, rule):
    """The accuracy that the rule's promise is of."""
    return capture.get("documentAccuracy") if "once" in rule else rate(capture)[1]


def percent(value):
    return "–" if value is None else f"{100 * value:.1f} %"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sluice")
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("schemas", nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(1, arguments.seeds + 1):
            parts = split(arguments.train, seed, directory)
            for score, options in SCORES.items():
                model = None
                if options is not None:
                    model = os.path.join(directory, "model.json")
                    command = [arguments.sluice, "model", "train", "--train", parts[0], "--tune", parts[1], "--out", model, "--overwrite"]
                    for schema in arguments.schemas:
                        command += ["--schema", schema]
                    subprocess.run(command + options, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for rule in RULES:
                    for target in (0.99, 0.95):
                        found[score, rule, target, seed] = suggest(
                            arguments.sluice, parts, arguments.test, arguments.schemas, score, model, rule, target,
                            os.path.join(directory, "figures.json"))
    seeds = range(1, arguments.seeds + 1)
    for target in (0.99, 0.95):
        print(f"\ntarget {target}: mean over seeds of the capture on TEST; least accuracy of the fields captured, of any seed; thresholds below target on TEST, of all seeds\n")
        print("| score | rule | naive | right, least | thresholds below target | certified | of each seed | right, least | thresholds below target |")
        print("|---|---|---:|---:|---:|---:|---|---:|---:|")
        for score in SCORES:
            for rule in RULES:
                tests = [found[score, rule, target, seed]["test"] for seed in seeds]
                cells = []
                for name in ("naive", "certified"):
                    rates = [rate(test[name]) for test in tests]
                    pools = [pool[name] for test in tests for pool in test["pools"]]
                    accuracies = [right for pool in pools if (right := promised(pool, rule)) is not None]
                    together = [right for _, right in rates if right is not None]
                    cells.append(percent(sum(share for share, _ in rates) / len(rates)))
                    if name == "certified":
                        cells.append(" ".join(f"{100 * share:.1f}" for share, _ in rates))
                    cells.append(percent(min(together, default=None)))
                    cells.append(f"{sum(right < target for right in accuracies)} of {len(accuracies)}")
                print(f"| {score} | {rule} | " + " | ".join(cells) + " |")
    print("\npools of the last model, seed 1: n, naive and certified capture and accuracy on TEST\n")
    for rule in ("one field", "kind", "type", "all, a document once"):
        for target in (0.99, 0.95):
            figures = found["model, with evidence and format", rule, target, 1]
            opened = sum("certificate" in pool for pool in figures["thresholds"]["pools"])
            print(f"\n{rule}, {target}: {opened} of {len(figures['thresholds']['pools'])} opened")
            for pool in figures["test"]["pools"]:
                numbers = [pool["naive"], pool["certified"]]
                print("  ", pool["name"], pool["readings"]["of"], *(percent(x) for set in numbers for x in (rate(set)[0], promised(set, rule))))
            if "all" in rule or rule in ("kind", "type"):
                for pool in figures["thresholds"]["pools"]:
                    members = [m for m in pool["members"] if m["certified"]["accuracy"]["codes"] and "threshold" in pool]
                    if members:
                        worst = min(members, key=lambda m: m["certified"]["accuracy"]["right"] / m["certified"]["accuracy"]["codes"])
                        accuracy = worst["certified"]["accuracy"]
                        print(f"   worst of {pool['pool']['name']} on certify:", worst["key"], accuracy["right"], "of", accuracy["codes"])


if __name__ == "__main__":
    main()

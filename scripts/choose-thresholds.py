#!/usr/bin/env python3
"""Chooses starting thresholds from reviewed results, and prints them as YAML.

    choose-thresholds.py TRAIN [--test TEST] [--report] [--schema SCHEMA.json ...] [--target 0.05] [--risk 0.05]

TRAIN and TEST are files of results with a `review` member, one JSON object a line (gzip or plain), as the service's
`import` reads them. Results with fields and results with pairs may stand in one file. docs/policies.md explains the
calculation; in short, per field (and per kind of code pair):

  walk the thresholds downwards in steps of 0.01, from the first at which enough items are accepted for the test to be
  able to pass, and stop at the first at which the exact binomial test no longer rejects "more than TARGET of the
  accepted are wrong" at level RISK; the last one that passed is the threshold, and none is below 0.50.

Fields of one type whose names differ in a number only (analyte1.unit, analyte2.unit) are one field here. Where a field's
own items are too few or too bad, those of all fields of its kind (its `type` in the schema) decide, if the field's own do
not contradict them; where that fails too the threshold is 1: a human looks at each.

Deterministic; the standard library alone. --report prints the tables of docs/policies.md in place of the YAML.
"""
import argparse
import collections
import gzip
import json
import math
import re
import sys

LEVELS = [hundredth / 100 for hundredth in range(99, 49, -1)]
OWN_ITEMS_MIN = 30


def lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError as error:
                sys.exit(f"{path}:{number}: not JSON: {error}")


def binomial_tail(errors, count, rate):
    """P(Bin(count, rate) <= errors), summed in logarithms so that no term overflows."""
    if count == 0:
        return 1.0
    total = 0.0
    for k in range(errors + 1):
        total += math.exp(
            math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
            + k * math.log(rate) + (count - k) * math.log1p(-rate)
        )
    return min(1.0, total)


class Items:
    """(confidence, wrong) of every item of one field or kind, highest confidence first."""

    def __init__(self):
        self.items = []

    def add(self, confidence, wrong):
        self.items.append((-1.0 if confidence is None else confidence, wrong))

    def accepted(self, threshold):
        taken = [wrong for confidence, wrong in self.items if confidence >= threshold]
        return len(taken), sum(taken)

    def threshold(self, target, risk):
        """The fixed sequence of tests; None when the first already fails."""
        # Twice the count that passes without any error: a start that is too strict fails by bad luck alone.
        start = 2 * math.ceil(math.log(risk) / math.log1p(-target))
        chosen = None
        for level in LEVELS:
            count, errors = self.accepted(level)
            if count < start:
                continue
            if binomial_tail(errors, count, target) > risk:
                break
            chosen = level
        return chosen


def family(key):
    """The (document type, field) without the numbers that count repeated groups of fields."""
    document_type, name = key
    return document_type, name and re.sub("[0-9]+", "#", name)


def is_empty(field):
    return field.get("value") in (None, "")


def gather(path):
    """Items by (document type, field), and by (document type, None) for code pairs; the documents themselves too."""
    items, documents = collections.defaultdict(Items), []
    for result in lines(path):
        review = result.get("review")
        if not review:
            continue
        kind, corrected = result["documentType"], review["corrected"]
        documents.append(result)
        for field in result.get("fields", []):
            if is_empty(field):
                continue  # an empty optional field is accepted as blank, an empty required one never: no threshold matters
            items[kind, field["name"]].add(field.get("confidence"), field["name"] in corrected)
        if result.get("pairs"):
            right = {(pair["procedure"], pair["diagnosis"]) for pair in corrected}
            for pair in result["pairs"]:
                items[kind, None].add(pair.get("confidence"), (pair["procedure"], pair["diagnosis"]) not in right)
    return items, documents


def choose(items, schemas, target, risk):
    """{(document type, field): (threshold, "own" | "kind" | "none")}"""
    kinds = collections.defaultdict(Items)
    for (document_type, name), own in items.items():
        kinds[schemas.get(document_type, {}).get(name, {}).get("type")].items += own.items
    pooled = {kind: all_of_it.threshold(target, risk) for kind, all_of_it in kinds.items() if kind}
    families = collections.defaultdict(Items)
    for key, own in items.items():
        families[family(key)].items += own.items
    chosen = {}
    for key in items:
        document_type, name = key
        own = families[family(key)]
        threshold = own.threshold(target, risk)
        if threshold is not None:
            chosen[key] = (threshold, "own")
            continue
        chosen[key] = (1, "none")
        first = pooled.get(schemas.get(document_type, {}).get(name, {}).get("type"))
        for level in [level for level in reversed(LEVELS) if first is not None and level >= first]:
            count, errors = own.accepted(level)
            if count >= OWN_ITEMS_MIN and errors <= target * count:
                chosen[key] = (level, "kind")
                break
    return chosen


def default_threshold(document_type, chosen):
    """For items no rule names: the strictest that was chosen for a field of the type, and no less than 0.9."""
    found = [threshold for (kind, _), (threshold, how) in chosen.items() if kind == document_type and how != "none"]
    return max([0.9] + found)


def decide(result, schema, chosen):
    """The route the thresholds give, as the service computes it; and the accepted items that were wrong."""
    corrected, confident, accepted, wrong = result["review"]["corrected"], True, 0, 0
    kind, named = result["documentType"], set()
    for field in result.get("fields", []):
        named.add(field["name"])
        required = schema.get(field["name"], {}).get("required", True)
        if is_empty(field) and not required:
            continue
        confidence = field.get("confidence")
        fits = confidence is not None and confidence >= chosen[kind, field["name"]][0]
        confident = confident and fits and not is_empty(field)
        if fits and not is_empty(field):
            accepted, wrong = accepted + 1, wrong + (field["name"] in corrected)
    confident = confident and all(name in named for name, field in schema.items() if field["required"])
    if result.get("pairs"):
        right = {(pair["procedure"], pair["diagnosis"]) for pair in corrected}
        for pair in result["pairs"]:
            fits = pair["confidence"] >= chosen[kind, None][0]
            confident = confident and fits
            if fits:
                accepted, wrong = accepted + 1, wrong + ((pair["procedure"], pair["diagnosis"]) not in right)
    return confident, accepted, wrong


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def print_report(train, test, schemas, chosen):
    for document_type in sorted({kind for kind, _ in chosen}):
        print(f"\n### {document_type}\n")
        print("| item | items | wrong | threshold | from | accepted | wrong of these |" + (" accepted (test) | wrong of these |" if test else ""))
        print("|---|---:|---:|---:|---|---:|---:|" + ("---:|---:|" if test else ""))
        order = list(schemas.get(document_type, {})) or [None]
        for name in order:
            key = (document_type, name)
            if key not in chosen:
                continue
            threshold, how = chosen[key]
            all_count, all_errors = train[0][key].accepted(-2)
            count, errors = train[0][key].accepted(threshold)
            row = f"| {f'`{name}`' if name else 'every pair'} | {all_count} | {all_errors} | {threshold:.2f} | {how} | {percent(count, all_count)} | {errors} ({percent(errors, count)}) |"
            if test:
                test_all, _ = test[0][key].accepted(-2)
                test_count, test_errors = test[0][key].accepted(threshold)
                row += f" {percent(test_count, test_all)} | {test_errors} of {test_count} ({percent(test_errors, test_count)}) |"
            print(row)
    print("\n### Documents\n")
    print("| document type | corpus | documents | confident | accepted items of these | wrong | documents without a wrong item |\n|---|---|---:|---:|---:|---:|---:|")
    for label, part in (("train", train), ("test", test)):
        if not part:
            continue
        for document_type in sorted({kind for kind, _ in chosen}):
            documents = [result for result in part[1] if result["documentType"] == document_type]
            verdicts = [decide(result, schemas.get(document_type, {}), chosen) for result in documents]
            flowing = [verdict for verdict in verdicts if verdict[0]]
            wrong, accepted = sum(v[2] for v in flowing), sum(v[1] for v in flowing)
            clean = sum(v[2] == 0 for v in flowing)
            print(f"| {document_type} | {label} | {len(documents)} | {percent(len(flowing), len(documents))} | {accepted} | {wrong} ({percent(wrong, accepted)}) | {percent(clean, len(flowing))} |")


def print_yaml(schemas, chosen):
    for document_type in sorted({kind for kind, _ in chosen}):
        schema = schemas.get(document_type, {})
        if not schema:
            print(f"documentType: {document_type}\nthreshold: {chosen[document_type, None][0]:.2f}\n---")
            continue
        print(f"documentType: {document_type}\nthreshold: {default_threshold(document_type, chosen):.2f}\nrules:")
        for name in schema:
            if (document_type, name) not in chosen:
                continue
            threshold, how = chosen[document_type, name]
            print(f"  - {{field: {name}, threshold: {threshold:.2f}}}" + {"own": "", "kind": "  # by its kind", "none": "  # no threshold keeps the target: a human looks at each"}[how])
        print("requiredFields: [" + ", ".join(name for name in schema if schema[name]["required"]) + "]")
        print("optionalFields: [" + ", ".join(name for name in schema if not schema[name]["required"]) + "]\n---")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("--test", help="a corpus to report on; it chooses nothing")
    parser.add_argument("--schema", action="append", default=[], help="JSON: documentType and fields of name, type (kind) and required")
    parser.add_argument("--target", type=float, default=0.05, help="error rate of what is accepted")
    parser.add_argument("--risk", type=float, default=0.05, help="level of the test")
    parser.add_argument("--report", action="store_true", help="tables in place of YAML")
    arguments = parser.parse_args()
    schemas = {}
    for path in arguments.schema:
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        schemas[schema["documentType"]] = {field["name"]: field for field in schema["fields"]}
    train = gather(arguments.train)
    chosen = choose(train[0], schemas, arguments.target, arguments.risk)
    if arguments.report:
        print_report(train, gather(arguments.test) if arguments.test else None, schemas, chosen)
    else:
        print_yaml(schemas, chosen)


if __name__ == "__main__":
    main()

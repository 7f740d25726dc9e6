#!/usr/bin/env python3
"""Writes the bodies of the benchmark: bodies.py DIRECTORY [COUNT]

COUNT (256) results of 20 fields, about 2 KB each; the same ones every time. Made up, CC0 1.0.
"""
import json
import os
import random
import sys

FIELDS = [
    "number", "issued", "due", "currency", "seller.name", "seller.street", "seller.city", "seller.taxId", "buyer.name",
    "buyer.street", "buyer.city", "buyer.reference", "line.1.text", "line.1.amount", "line.2.text", "line.2.amount",
    "net", "tax", "total", "terms",
]
WORDS = "Northwind Café Łódź Hauptstraße Lisboa Traders Söhne & Holdings Rua Paris Kraków Ltd GmbH net thirty days".split()


def value(name, random_source):
    if name in ("issued", "due"):
        return f"20{random_source.randint(15, 25)}-{random_source.randint(1, 12):02}-{random_source.randint(1, 28):02}"
    if name.endswith("amount") or name in ("net", "tax", "total"):
        return f"{random_source.randint(1, 9_999_999) / 100:.2f}"
    if name == "currency":
        return random_source.choice(["EUR", "PLN", "USD"])
    if name == "buyer.reference" and random_source.random() < 0.5:
        return ""
    if name in ("number", "seller.taxId"):
        return "".join(random_source.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(12))
    return " ".join(random_source.choice(WORDS) for _ in range(random_source.randint(4, 9)))


def body(index, random_source):
    return {
        "documentType": "bench.invoice",
        "documentId": f"invoice-{index:06}",
        "population": random_source.choice(["north", "south"]),
        "payer": random_source.choice(["insurer-a", "insurer-b"]),
        "serviceDate": "2026-03-01",
        "engine": {"name": "bench", "version": "1"},
        "fields": [
            # Most documents of a stream are read well; each eighth has a field that was not.
            {"name": name, "value": value(name, random_source),
             "confidence": round(random_source.uniform(0.985, 1), 4) if index % 8 or name != "tax" else 0.41}
            for name in FIELDS
        ],
    }


def main():
    directory, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 256
    os.makedirs(directory, exist_ok=True)
    random_source = random.Random(1)
    for index in range(count):
        with open(f"{directory}/{index:03}.json", "w", encoding="utf-8") as file:
            json.dump(body(index, random_source), file, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()

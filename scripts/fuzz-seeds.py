#!/usr/bin/env python3
"""Makes the fuzzers' seeds (Fuzz/Seeds) from the tests' raw requests, the examples and the starting policies.

Of the inputs the fuzzers keep the fewest that reach everything all of them reach. Needs PyYAML, and the fuzzers built (`make fuzz`).

usage: scripts/fuzz-seeds.py
"""

import gzip
import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZERS = ROOT / "Fuzz/.build/release"


def wire_cases(folder):
    """The raw requests of the black-box tests, as the tests themselves write them down."""
    subprocess.run(
        ["swift", "test", "--skip-build", "--disable-xctest", "--filter", "EndToEndTests.*HTTP"],
        cwd=ROOT, env={**os.environ, "SLUICE_WIRE_SEEDS": str(folder)}, check=True, stdout=subprocess.DEVNULL)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def inputs(cases):
    """The inputs of each fuzzer."""
    import yaml

    found = {"requests": set(cases), "chunks": set(), "results": set(), "policies": set(), "gzip": set()}
    for case in cases:
        head, _, body = case.partition(b"\r\n\r\n")
        if not body:
            continue
        if b"chunked" in head.lower():
            found["chunks"].add(body)
        elif b"gzip" in head.lower():
            found["gzip"].add(body)
        elif head.startswith(b"PUT"):
            found["policies"].add(body)
        else:
            found["results"].add(body)
    for path in [ROOT / "examples/claim.json", ROOT / "examples/note.json", *sorted((ROOT / "Benchmarks/Bodies").glob("*.json"))]:
        found["results"].add(path.read_bytes())
    for path in [ROOT / "examples/coding.jsonl", ROOT / "examples/ocr.jsonl"]:
        found["results"].update(path.read_bytes().splitlines()[:20])
    for path in sorted((ROOT / "config/policies").glob("*.yaml")):
        found["policies"].add(json.dumps(yaml.safe_load(path.read_text()), default=str).encode())
    for body in sorted(found["results"], key=len)[::6]:
        members = [gzip.compress(body, level, mtime=0) for level in (0, 1, 9)]
        found["gzip"].update([*members, members[0] + members[2], named(body), members[1][:-4], members[2] + b"\0"])
    found["gzip"].add(gzip.compress(bytes(4 << 20), mtime=0))
    return found


def named(body):
    """A member whose header has a file's name."""
    file = io.BytesIO()
    with gzip.GzipFile("a.json", "wb", fileobj=file, mtime=0) as member:
        member.write(body)
    return file.getvalue()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "wire").mkdir()
        for name, seeds in inputs(wire_cases(scratch / "wire")).items():
            (scratch / name).mkdir()
            for number, seed in enumerate(sorted(seeds)):
                (scratch / name / str(number)).write_bytes(seed)
            target = ROOT / "Fuzz/Seeds" / name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            subprocess.run(
                [FUZZERS / f"fuzz-{name}", "-merge=1", "-max_len=16384", target, scratch / name], check=True, stderr=subprocess.DEVNULL)
            print(f"{name}: {len(list(target.iterdir()))} of {len(seeds)}")


if __name__ == "__main__":
    main()

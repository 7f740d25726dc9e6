#!/usr/bin/env python3
"""Shows the service at work: demo.py SLUICE

Starts a server on a free port with a database that is thrown away, posts the results of examples/*.jsonl to it as one
NDJSON body each, and prints where the documents went, which fields could be accepted, and, from the reviews that stand in
the files, how often an accepted item was wrong.
"""
import collections
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROUTES = ["confident", "review", "manual"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(process, port, log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    with open(log, encoding="utf-8", errors="replace") as file:
        sys.exit("the server did not become ready; it said:\n" + file.read()[-2000:])


def decide_all(port, results):
    """The server's answers, in the order of the results. `review` is ours to know, not the endpoint's."""
    lines = [json.dumps({name: member for name, member in result.items() if name != "review"}) for result in results]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/decisions", "\n".join(lines).encode(), {"Content-Type": "application/x-ndjson"})
    response = connection.getresponse()
    if response.status != 200:
        sys.exit(f"POST /v1/decisions: {response.status} {response.read().decode(errors='replace')}")
    answers = [json.loads(line) for line in response]
    connection.close()
    for number, answer in enumerate(answers, 1):
        if "route" not in answer:
            sys.exit(f"line {number} was refused: {json.dumps(answer)}")
    if len(answers) != len(results):
        sys.exit(f"{len(results)} results were sent, {len(answers)} answers came back")
    return answers


def was_wrong(item, review):
    if "field" in item:
        return item["field"] in review["corrected"]
    return not any(item["procedure"] == right["procedure"] and item["diagnosis"] == right["diagnosis"] for right in review["corrected"])


def show(results, answers):
    by_type = collections.defaultdict(collections.Counter)
    items = collections.defaultdict(collections.Counter)
    for result, answer in zip(results, answers):
        by_type[answer["documentType"]][answer["route"]] += 1
        values = {field["name"]: field.get("value") for field in result.get("fields", [])}
        for item in answer["items"]:
            if "field" in item and not values[item["field"]]:
                continue  # an empty box is no reading
            counts = items[answer["documentType"], item.get("field", "(pairs)")]
            counts["all"] += 1
            counts["accepted"] += item["accepted"]
            counts["wrong"] += item["accepted"] and was_wrong(item, result["review"])
    print(f"\n{'document type':30}" + "".join(f"{route:>12}" for route in ROUTES))
    for document_type, counts in sorted(by_type.items()):
        print(f"{document_type:30}" + "".join(f"{counts[route]:12}" for route in ROUTES))
    print(f"\n{'document type':26}{'item':34}{'read':>6}{'accepted':>10}{'of these wrong':>16}")
    for (document_type, name), counts in sorted(items.items()):
        share = counts["accepted"] / counts["all"]
        print(f"{document_type:26}{name:34}{counts['all']:6}{share:10.0%}{counts['wrong']:16}")


def main():
    program = os.path.abspath(sys.argv[1])
    results = []
    for name in ("ocr", "coding"):
        with open(f"{ROOT}/examples/{name}.jsonl", encoding="utf-8") as file:
            results += [json.loads(line) for line in file]
    with tempfile.TemporaryDirectory(prefix="sluice-demo-") as directory:
        port, log = free_port(), f"{directory}/server.log"
        print("A server on this machine, whose callers need no token (anonymousRoles: auto).")
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [program, "serve", "--anonymous-roles", "auto", "--host", "127.0.0.1", "--port", str(port), "--database", f"{directory}/demo.sqlite"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            wait_until_ready(process, port, log)
            show(results, decide_all(port, results))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            status = process.wait(40)
        if status != 0:
            sys.exit(f"the server exited with {status}")


if __name__ == "__main__":
    main()

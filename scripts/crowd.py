#!/usr/bin/env python3
"""Measures what a crowd costs: crowd.py SLUICE [--seconds 4] [--rounds 3] [--idle 10000] [--only overload|idle]

Overload: the best rate among 16, 64 and 256 connections, then four times those connections, once with the log's queue as it is
set by default and once with a bound that such a load passes (64 waiting decisions), where the rest is refused with 503. A probe asks one
decision after the other meanwhile, and counts what was accepted.

Idle: decisions over 64 connections, with and without so many connections beside them that say nothing; and what each of those
costs in the server's own memory.

All as ratios of medians within one run: rounds of each kind take turns.
"""
import argparse
import importlib.util
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("bench", f"{HERE}/bench.py")
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)

BODY = b'{"documentType":"probe","documentId":"d","fields":[{"name":"a","confidence":0.5}]}'
REQUEST = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Probe:
    """Asks one decision after the other until the `with` ends; the latencies of those that were accepted, in seconds."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.latencies, self.refused, self.faults, self.isOver = [], 0, [], False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.isOver:
                start = time.perf_counter()
                self.socket.sendall(REQUEST)
                answer = b""
                while b"\r\n\r\n" not in answer:
                    piece = self.socket.recv(65536)
                    if not piece:
                        raise EOFError("the server ended the probe's connection")
                    answer += piece
                head, _, body = answer.partition(b"\r\n\r\n")
                length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1])
                while len(body) < length:
                    body += self.socket.recv(65536)
                if head.startswith(b"HTTP/1.1 201 "):
                    self.latencies.append(time.perf_counter() - start)
                elif head.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: " in head:
                    self.refused += 1
                else:
                    self.faults.append(head.split(b"\r\n")[0].decode())
                # Often enough for a tail, and no load of its own.
                time.sleep(0.002)
        except OSError as error:
            self.faults.append(repr(error))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver = True
        self.thread.join()
        self.socket.close()

    @property
    def p99(self):
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1e3 if self.latencies else float("nan")


class Row:
    """Runs of one kind."""

    def __init__(self, name):
        self.name, self.runs, self.probes = name, [], []

    def run(self, server, bodies, connections, seconds, directory):
        with Probe(server.port) as probe:
            self.runs.append(bench.load(server, bodies, connections, seconds, f"{directory}/wrk.json"))
        self.probes.append(probe)

    def middle(self, value):
        return statistics.median(value(run) for run in self.runs)

    @property
    def accepted(self):
        return self.middle(lambda run: (run["requests"] - run["refused"]) / (run["microseconds"] / 1e6))

    @property
    def p99(self):
        return statistics.median(probe.p99 for probe in self.probes)

    def line(self, best):
        refused = self.middle(lambda run: run["refused"] / max(1, run["requests"]))
        return (f"| {self.name} | {self.accepted:.0f} | {self.accepted / best.accepted:.2f} | {refused:.0%} | "
                f"{self.middle(lambda run: run['p99']) / 1000:.1f} | {self.p99:.1f} | {self.p99 / best.p99:.2f} |")


def faults(rows):
    found = []
    for row in rows:
        found += [fault for probe in row.probes for fault in probe.faults]
        found += [f"{run['failed']} requests failed" for run in row.runs if run["failed"]]
    return sorted(set(found))


def overload(program, bodies, arguments, directory):
    connections = [16, 64, 256]
    plain = {count: Row(f"{count} connections") for count in connections}
    with bench.Server(program, ["--access-log", "false"], directory) as server:
        bench.load(server, bodies, 64, 1, f"{directory}/wrk.json")
        for _ in range(arguments.rounds):
            for count in connections:
                plain[count].run(server, bodies, count, arguments.seconds, directory)
    best = max(plain.values(), key=lambda row: row.accepted)
    count = next(count for count, row in plain.items() if row is best) * 4
    rows = {"once": Row(f"{count // 4}, again"), "four": Row(f"{count}, queue as by default"), "short": Row(f"{count}, queue of 64")}
    for _ in range(arguments.rounds):
        for name, row in rows.items():
            flags = ["--queue-entries-max", "64"] if name == "short" else []
            with tempfile.TemporaryDirectory(prefix="sluice-crowd-") as place:
                with bench.Server(program, ["--access-log", "false"] + flags, place) as server:
                    bench.load(server, bodies, 64, 1, f"{place}/wrk.json")
                    row.run(server, bodies, count // 4 if name == "once" else count, arguments.seconds, place)
    print("\n| load | accepted/s | × best | refused | p99 ms | p99 ms of the probe | × best |\n|---|---:|---:|---:|---:|---:|---:|")
    for row in list(plain.values()) + list(rows.values()):
        print(row.line(rows["once"] if row in rows.values() else best))
    return faults(list(plain.values()) + list(rows.values()))


def memory(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


def idle(program, bodies, arguments, directory):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(arguments.idle, hard - 300) if hard != resource.RLIM_INFINITY else arguments.idle
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    alone, beside = Row("64 connections"), Row(f"64 beside {count} idle")
    costs = []
    for _ in range(arguments.rounds):
        for row in (alone, beside):
            with tempfile.TemporaryDirectory(prefix="sluice-crowd-") as place:
                with bench.Server(program, ["--access-log", "false", "--idle-timeout-milliseconds", "600000"], place) as server:
                    bench.load(server, bodies, 64, 1, f"{place}/wrk.json")
                    crowd = []
                    before = memory(server)
                    if row is beside:
                        for _ in range(count):
                            one = socket.create_connection(("127.0.0.1", server.port), timeout=30)
                            crowd.append(one)
                        # Each has been served once, as a client of a pool has.
                        for one in crowd:
                            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        for one in crowd:
                            one.recv(4096)
                        costs.append((memory(server) - before) * 1024 / count)
                    row.run(server, bodies, 64, arguments.seconds, place)
                    for one in crowd:
                        one.close()
    print("\n| load | accepted/s | × | refused | p99 ms | p99 ms of the probe | × |\n|---|---:|---:|---:|---:|---:|---:|")
    for row in (alone, beside):
        print(row.line(alone))
    ratio = beside.middle(lambda run: run["p99"]) / alone.middle(lambda run: run["p99"])
    print(f"\np99 beside {count} idle connections: × {ratio:.2f}; each of them costs {statistics.median(costs):.0f} bytes of the server's memory")
    return faults([alone, beside])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--only", choices=["overload", "idle"])
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    found = []
    with tempfile.TemporaryDirectory(prefix="sluice-crowd-") as bodies, tempfile.TemporaryDirectory(prefix="sluice-crowd-") as directory:
        subprocess.run([sys.executable, f"{bench.ROOT}/bench/bodies.py", bodies], check=True)
        if not arguments.only or arguments.only == "overload":
            found += overload(program, bodies, arguments, directory)
        if not arguments.only or arguments.only == "idle":
            found += idle(program, bodies, arguments, directory)
    for fault in found:
        print(fault)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

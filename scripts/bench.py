#!/usr/bin/env python3
"""Measures a release build: bench.py SLUICE [--seconds 5] [--rounds 3] [--connections 1,64] [flags of `sluice serve`]

Each round starts the server on a new database, drives it with wrk over one connection and over many, and prints decisions
a second, latency, CPU time of the server a decision (user and kernel, from the kernel's own account), its peak memory, and
whether every answer was in the log after the server was killed. With two cores or more, server and load get one each.

Where the folder of the reference servers is (../shared/bench, or BENCH_REFERENCE), they are measured beside it in the same
run: a ratio to them means more than a figure of one machine.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REFERENCE = os.environ.get("BENCH_REFERENCE", os.path.join(os.path.dirname(ROOT), "shared", "bench"))
CORES = sorted(os.sched_getaffinity(0))
PINNED = len(CORES) >= 2


def on_core(index, command):
    return ["taskset", "-c", str(CORES[index])] + command if PINNED else command


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server on a database of its own; gone at the end of the `with`."""

    def __init__(self, program, flags, directory):
        self.port, self.database = free_port(), os.path.join(directory, "bench.sqlite")
        self.log = open(os.path.join(directory, "server.log"), "wb")
        command = [program, "serve", "--anonymous-roles", "auto", "--host", "127.0.0.1", "--port", str(self.port), "--database", self.database,
                   "--policies-directory", f"{ROOT}/bench/policies"] + flags
        self.process = subprocess.Popen(on_core(0, command), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1).close()
                return self
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        self.__exit__()
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            sys.exit("the server did not become ready; it said:\n" + log.read()[-2000:])

    def __exit__(self, *_):
        # Killed, not stopped: what is then in the log was there when it was answered.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def cpu_seconds(self):
        """The process's CPU clock, to the nanosecond (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def peak_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def logged(self):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute("SELECT count(*) FROM decisions").fetchone()[0]
        finally:
            connection.close()


def load(server, bodies, connections, seconds, out):
    environment = dict(os.environ, BODIES=bodies, OUT=out)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", f"{ROOT}/bench/decisions.lua",
               f"http://127.0.0.1:{server.port}/v1/decisions"]
    before = server.cpu_seconds()
    subprocess.run(on_core(1, command), env=environment, check=True, stdout=subprocess.DEVNULL)
    spent = server.cpu_seconds() - before
    with open(out, encoding="ascii") as file:
        figures = json.load(file)
    figures["cpu"] = spent / max(1, figures["requests"]) * 1e6
    figures["rate"] = figures["requests"] / (figures["microseconds"] / 1e6)
    figures["connections"] = connections
    return figures


def measure(program, flags, arguments):
    runs, peak, faults = [], 0, []
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as bodies:
        subprocess.run([sys.executable, f"{ROOT}/bench/bodies.py", bodies], check=True)
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory(prefix="sluice-bench-", dir=arguments.work) as directory:
                with Server(program, flags, directory) as server:
                    answered, in_flight = 0, 0
                    for connections in [arguments.connections[-1]] + arguments.connections:
                        first = in_flight == 0  # the first run warms up and does not count
                        run = load(server, bodies, connections, 1 if first else arguments.seconds, f"{directory}/wrk.json")
                        answered += run["requests"] - run["refused"]
                        in_flight += connections
                        if run["refused"] or run["failed"]:
                            faults.append(f"{run['refused']} answers were not 2xx, {run['failed']} requests failed")
                        if not first:
                            runs.append(run)
                    peak = max(peak, server.peak_kilobytes())
                logged = server.logged()
                # wrk stops with requests in flight: they may be logged, but no answered one may be missing.
                if not answered <= logged <= answered + in_flight:
                    faults.append(f"{answered} were answered, {logged} are in the log")
    return runs, peak, faults


def print_table(runs, peak, faults, rounds):
    where = f"server on core {CORES[0]}, load on core {CORES[1]}" if PINNED else "server and load share one core"
    print(f"\n{where}; medians of {rounds} rounds\n")
    print("| connections | decisions/s | p50 ms | p99 ms | CPU µs/decision |\n|---:|---:|---:|---:|---:|")
    for connections in sorted({run["connections"] for run in runs}):
        own = [run for run in runs if run["connections"] == connections]
        middle = lambda key: statistics.median(run[key] for run in own)
        print(f"| {connections} | {middle('rate'):.0f} | {middle('p50') / 1000:.2f} | {middle('p99') / 1000:.2f} | {middle('cpu'):.1f} |")
    print(f"\npeak memory: {peak / 1024:.0f} MiB; every answer in the log: {'NO' if faults else 'yes'}")
    for fault in sorted(set(faults)):
        print(fault)


def compare(program, arguments):
    """Runs the reference servers and this one by the harness that belongs to them."""
    missing = [tool for tool in ("gcc", "make", "wrk", "taskset") if not shutil.which(tool)]
    if missing:
        print(f"\nnot compared with the reference servers: {', '.join(missing)} not installed")
        return 0
    with tempfile.TemporaryDirectory(prefix="sluice-reference-", dir=arguments.work) as directory:
        here = os.path.join(directory, "bench")
        # The folder may be read-only, and copies of read-only folders are: make this one writable.
        shutil.copytree(REFERENCE, here, copy_function=shutil.copyfile)
        subprocess.run(["chmod", "-R", "u+w", here], check=True)
        subprocess.run(["make", "-s", "-C", here], check=True)
        load_policies = f"sh -c 'for p in {{here}}/policies/*.json; do {program} policy put $p --database {{db}} || exit 1; done'"
        pins = ["--server-core", str(CORES[0]), "--wrk-core", str(CORES[1])] if PINNED else ["--pin", "off"]
        command = [sys.executable, f"{here}/bench.py", "--only", "reference,canned", "--rounds", str(arguments.rounds),
                   "--seconds", str(arguments.seconds), "--connections", ",".join(map(str, arguments.connections)),
                   "--work", f"{directory}/work", "--out", f"{directory}/results", *pins,
                   "--add", "sluice", f"{program} serve --anonymous-roles auto --host 127.0.0.1 --port {{port}} --database {{db}}",
                   "--pre", load_policies, "--path", "/v1/decisions", "--body-dir", "{here}/bodies".format(here=here),
                   "--probe", "/readyz", "--verify", "--count-sql", "SELECT count(*) FROM decisions"]
        print("\nbeside the reference servers:", flush=True)
        return subprocess.run(command, cwd=directory).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sluice", help="the program")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default=[1, 64], type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--work", default=os.environ.get("TMPDIR", "/var/tmp"), help="where the databases are: a real disk")
    parser.add_argument("--alone", action="store_true", help="without the reference servers")
    arguments, flags = parser.parse_known_args()
    program = os.path.abspath(arguments.sluice)
    runs, peak, faults = measure(program, flags, arguments)
    print_table(runs, peak, faults, arguments.rounds)
    status = 1 if faults else 0
    if not arguments.alone and os.path.isfile(os.path.join(REFERENCE, "bench.py")):
        status = compare(program, arguments) or status
    return status


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Sends a server requests of mixed kinds and says what is left of them in its memory and descriptors.

Good requests (decisions, pipelined reads, NDJSON, gzip, a half-closed client), malformed ones (heads, framings, JSON, gzip) and aborted
ones (reset or closed behind any byte). Each that is answered must have its status, and the server must not end. Memory and descriptors are looked at after every tenth; the first is the warm-up.

The server runs on a database in memory (/dev/shm when there is one), which grows with the decisions: its pages are not the process's.

usage: scripts/soak.py PROGRAM REQUESTS [THREADS]
"""

import gzip
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HOST = b"Host: localhost\r\n"
RESULT = json.dumps({"documentType": "t", "documentId": "d", "fields": [{"name": f"f{n}", "confidence": 0.5} for n in range(8)]}).encode()


def request(line, fields=b"", body=None):
    length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
    return line + b" HTTP/1.1\r\n" + HOST + fields + length + b"\r\n" + (body or b"")


def decision(body=RESULT, fields=b""):
    return request(b"POST /v1/decisions", b"Content-Type: application/json\r\n" + fields, body)


CHUNKED = (
    b"POST /v1/decisions HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(RESULT), RESULT))
LINES = request(b"POST /v1/decisions", b"Content-Type: application/x-ndjson\r\n", (RESULT + b"\n") * 3)
READS = [request(b"GET /healthz"), request(b"GET /v1/policies"), request(b"HEAD /version"), request(b"GET /nothing")]

# What is sent on a connection that goes on, and the statuses of the answers.
GOOD = [
    (decision(), [201]), (CHUNKED, [201]), (LINES, [200]), (decision(gzip.compress(RESULT), b"Content-Encoding: gzip\r\n"), [201]),
    (READS[0] + READS[1] + READS[3], [200, 200, 404]), (READS[0] * 40, [200] * 40),
]
# What is well framed and at fault: the connection goes on.
FAULTY = [
    (decision(b"{"), [400]), (decision(b'{"documentType":"t"}'), [400]), (decision(b'{"a":1,"a":2}'), [400]), (decision(b"\xff"), [400]),
    (decision(b"\x1f\x8b\x08\x00junk", b"Content-Encoding: gzip\r\n"), [400]), (request(b"PUT /healthz", b"", b"x"), [405]),
    (request(b"POST /v1/decisions", b"Content-Type: text/plain\r\n", b"x"), [415]),
]
# What ends the connection.
MALFORMED = [
    (b"GET / HTTP/2.0\r\n\r\n", 505), (b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501), (b"\x16\x03\x01\x02", 400), (b"GET /\n\n", 400),
    (request(b"GET /healthz", b"A : b\r\n"), 400), (request(b"GET /healthz", b"X: " + b"x" * 20000 + b"\r\n"), 431),
    (request(b"GET /" + b"x" * 9000), 414), (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    (request(b"POST /v1/decisions", b"Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
    (request(b"POST /v1/decisions", b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") + b"zz\r\n", 400),
    (request(b"POST /v1/decisions", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
]


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError("the server ended the connection")
        self.data += piece

    def take(self, end):
        while (at := self.data.find(end)) < 0:
            self.more()
        taken, self.data = self.data[:at], self.data[at + len(end):]
        return taken

    def bytes(self, count):
        while len(self.data) < count:
            self.more()
        self.data = self.data[count:]

    def status(self):
        head = self.take(b"\r\n\r\n").lower()
        if b"transfer-encoding: chunked" in head:
            while (size := int(self.take(b"\r\n"), 16)) > 0:
                self.bytes(size + 2)
            self.take(b"\r\n")
        elif match := re.search(rb"content-length: (\d+)", head):
            self.bytes(int(match[1]))
        return int(head[9:12])

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Soak:
    def __init__(self, port, threads):
        self.port = port
        self.threads = threads
        self.counts = {"good": 0, "faulty": 0, "malformed": 0, "aborted": 0, "half-closed": 0}
        self.failures = []
        self.lock = threading.Lock()

    def run(self, requests, seed):
        """Sends about so many."""
        shares = [threading.Thread(target=self.share, args=(requests // self.threads, seed + n)) for n in range(self.threads)]
        for share in shares:
            share.start()
        for share in shares:
            share.join()

    def share(self, requests, seed):
        choose = random.Random(seed)
        counts = dict.fromkeys(self.counts, 0)
        client = Client(self.port)
        try:
            while sum(counts.values()) < requests:
                kind = choose.random()
                if kind < 0.7:
                    name, (sent, statuses) = ("good", choose.choice(GOOD)) if kind < 0.5 else ("faulty", choose.choice(FAULTY))
                    client.socket.sendall(sent)
                    for wanted in statuses:
                        self.check(client.status(), wanted, sent)
                    counts[name] += len(statuses)
                elif kind < 0.85:
                    sent, wanted = choose.choice(MALFORMED)
                    other = Client(self.port)
                    other.socket.sendall(sent)
                    self.check(other.status(), wanted, sent)
                    other.socket.close()
                    counts["malformed"] += 1
                elif kind < 0.98:
                    sent = choose.choice(GOOD)[0]
                    other = Client(self.port)
                    other.socket.sendall(sent[:choose.randrange(len(sent) + 1)])
                    other.reset() if choose.random() < 0.5 else other.socket.close()
                    counts["aborted"] += 1
                else:
                    other = Client(self.port)
                    other.socket.sendall(decision())
                    other.socket.shutdown(socket.SHUT_WR)
                    self.check(other.status(), 201, b"half-closed")
                    other.socket.close()
                    counts["half-closed"] += 1
        except Exception as error:  # whatever it is, it is a failure of the soak and is reported
            with self.lock:
                self.failures.append(repr(error))
        client.socket.close()
        with self.lock:
            for name, count in counts.items():
                self.counts[name] += count

    def check(self, status, wanted, sent):
        if status != wanted:
            with self.lock:
                self.failures.append(f"{status}, not {wanted}: {sent[:60]!r}")


def state(process):
    """Resident memory in KiB, of the process's own pages alone, and descriptors."""
    with open(f"/proc/{process.pid}/status") as file:
        memory = int(re.search(r"RssAnon:\s+(\d+)", file.read())[1])
    return memory, len(os.listdir(f"/proc/{process.pid}/fd"))


def settled(process):
    """The state once the connections of the last clients are gone: the least number of descriptors in three seconds."""
    least = state(process)
    for _ in range(30):
        time.sleep(0.1)
        now = state(process)
        least = min(least, now, key=lambda pair: pair[1])
    return now[0], least[1]


def main():
    program, requests = sys.argv[1], int(sys.argv[2])
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    folder = tempfile.mkdtemp(prefix="sluice-soak-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    process = subprocess.Popen(
        [program, "serve", "--anonymous-roles", "auto", "--port", "0", "--database", f"{folder}/a.sqlite", "--access-log", "false"], stderr=subprocess.PIPE)
    try:
        port = None
        for line in process.stderr:
            if match := re.search(rb"127\.0\.0\.1:(\d+)", line):
                port = int(match[1])
                break
        if port is None:
            sys.exit("the server did not listen")
        said = []
        listener = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
        listener.start()
        soak = Soak(port, threads)
        start = time.monotonic()
        states = []
        for tenth in range(10):
            soak.run(requests // 10, seed=1 + tenth * threads)
            states.append(settled(process))
        seconds = time.monotonic() - start
        process.send_signal(signal.SIGTERM)
        ending = process.wait(timeout=60)
        listener.join(timeout=10)
    finally:
        if process.poll() is None:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"requests     {sum(soak.counts.values()):>10,}  in {seconds:.0f} s: " + ", ".join(f"{n:,} {k}" for k, n in soak.counts.items()))
    print("memory       " + ", ".join(f"{memory:,}" for memory, _ in states) + " KiB after each tenth")
    print("descriptors  " + ", ".join(f"{descriptors}" for _, descriptors in states) + " after each tenth")
    print(f"failures     {len(soak.failures):>10,}")
    for failure in soak.failures[:10]:
        print(f"  {failure}")
    print(f"exit code    {ending:>10}")
    if ending:
        print(b"".join(said[-60:]).decode(errors="replace"))
    sys.exit(bool(soak.failures or ending))


if __name__ == "__main__":
    main()

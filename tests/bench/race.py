#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Race servers side by side on one machine: requests a second, and the server's CPU time a request.

Every server runs on one core and the load generator on another. The rounds are interleaved
(A B C A B C ...), so that a drift of the machine's speed touches all alike; medians are printed, and
ratios are taken within a round against the first server named. For set and get every key is stored
beforehand, so that all servers do the same work. A wrong reply or a failed run ends in exit 1.

servers.json: {"NAME": {"argv": ["prog", "--port", "{port}"], "works": ["ping", ...]}}, absolute paths.
"{floor_req}" and "{floor_rep}" in argv are the work's request length and reply. BLAST in the
environment names the load generator.
"""

import argparse
import glob
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

BLAST = os.environ.get("BLAST", "blast")
WORKS = ["ping-inline", "ping", "set", "get"]


def tree(pid):
    """The process and all below it."""
    pids = [pid]
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as children:
                for child in children.read().split():
                    pids += tree(int(child))
        except OSError:
            pass
    return pids


def cpu_ns(pid):
    total = 0
    for process in tree(pid):
        for path in glob.glob(f"/proc/{process}/task/*/schedstat"):
            try:
                with open(path) as stat:
                    total += int(stat.read().split()[0])
            except OSError:
                pass
    return total


def pss_kib(pid):
    total = 0
    for process in tree(pid):
        try:
            with open(f"/proc/{process}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            pass
    return total


def stop(server):
    for pid in reversed(tree(server.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    server.wait()


def await_port(port, server):
    for _ in range(400):
        if server.poll() is not None:
            sys.exit(f"server ended with {server.returncode}: {server.args}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    stop(server)
    sys.exit(f"no answer on port {port}: {server.args}")


def floor_arguments(work, size):
    """Length and reply (with escapes) of one request of this work, for the floor."""
    key = "$16\r\nkey:000000000000\r\n"
    set_request = len(f"*3\r\n$3\r\nSET\r\n{key}${size}\r\n") + size + 2
    get_request = len(f"*2\r\n$3\r\nGET\r\n{key}")
    return {
        "ping-inline": (6, "+PONG\\r\\n"),
        "ping": (14, "+PONG\\r\\n"),
        "echo": (1, "="),
        "set": (set_request, "+OK\\r\\n"),
        "get": (get_request, f"${size}\\r\\n" + "x" * size + "\\r\\n"),
    }[work]


def start(server, work, args, port):
    request, reply = floor_arguments(work, args.value)
    argv = [part.format(port=port, floor_req=request, floor_rep=reply) for part in server["argv"]]
    process = subprocess.Popen(
        ["taskset", "-c", "0"] + argv,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(os.environ, **server.get("env", {})),
    )
    await_port(port, process)
    time.sleep(0.2)
    return process


def fill(port, args):
    blast = [BLAST, str(port), "1", "1", "1", "fill", str(args.keys), str(args.value)]
    subprocess.run(blast, check=True, stdout=subprocess.DEVNULL)


def run_once(name, server, work, conns, pipeline, args, port):
    """One round of one server; None if it failed."""
    process = start(server, work, args, port)
    try:
        if work in ("set", "get") and not name.startswith("floor"):
            fill(port, args)
        before = cpu_ns(process.pid)
        blast = [BLAST, port, conns, pipeline, args.seconds, work, args.keys, args.value]
        load = subprocess.run(
            ["taskset", "-c", "1"] + [str(part) for part in blast], capture_output=True, text=True
        )
        after = cpu_ns(process.pid)
        if load.returncode:
            print(f"  {name}: {load.stderr.strip()}", file=sys.stderr)
            return None
        fields = load.stdout.split()
        return {
            "rps": float(fields[2]),
            "cpu": (after - before) / max(1, int(fields[0])),
            "bad": int(fields[3]),
            "p50": int(fields[4]),
            "p99": int(fields[5]),
            "p999": int(fields[6]),
            "pss": pss_kib(process.pid),
        }
    finally:
        stop(process)


def summary(runs, base):
    """Medians of a server's rounds, and of their ratios to the base's same rounds."""
    good = [run for run in runs if run]
    pairs = [(run, other) for run, other in zip(runs, base) if run and other]
    if not pairs:
        return None
    medians = {key: statistics.median(run[key] for run in good) for key in good[0]}
    for key in ("rps", "cpu"):
        medians[key + "_ratio"] = statistics.median(run[key] / other[key] for run, other in pairs)
    medians["bad"] = max(run["bad"] for run in good)
    return medians


def show(name, m):
    print(
        f"  {name:18} {m['rps']:>12,.0f} rps ({m['rps_ratio']:5.2f}x)"
        f"  {m['cpu']:8.1f} cpu ns/req ({m['cpu_ratio']:5.2f}x)"
        f"  p50 {m['p50']:>6.0f} p99 {m['p99']:>6.0f} p99.9 {m['p999']:>6.0f} us/batch"
        f"  pss {m['pss'] / 1024:6.1f} MiB  bad {m['bad']:.0f}",
        flush=True,
    )


def race(names, servers, work, conns, pipeline, args, ports):
    """All rounds of one work; returns the rows for --json, and whether all went well."""
    runs = {name: [] for name in names if work in servers[name].get("works", WORKS)}
    for _ in range(args.rounds):
        for name in runs:
            server = servers[name]
            runs[name].append(run_once(name, server, work, conns, pipeline, args, next(ports)))
    print(
        f"\n{work}  conns {conns}  pipeline {pipeline}  keys {args.keys}  value {args.value}",
        flush=True,
    )
    rows = []
    base = runs[names[0]]
    for name in runs:
        medians = summary(runs[name], base)
        if medians:
            show(name, medians)
            rows.append(
                dict(work=work, conns=conns, pipeline=pipeline, server=name, base=names[0])
                | dict(keys=args.keys, value=args.value)
                | medians
            )
    well = all(run and run["bad"] == 0 for rounds in runs.values() for run in rounds)
    return rows, well


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--servers", default="servers.json", help="what each server is started with")
    parser.add_argument("--only", default="", help="names, the one to compare with first")
    parser.add_argument("--work", default="ping,set,get", help="ping-inline,ping,set,get,echo")
    parser.add_argument("--pipeline", type=numbers, default=[1, 128])
    parser.add_argument("--conns", type=numbers, default=[50])
    parser.add_argument("--keys", type=int, default=1)
    parser.add_argument("--value", type=int, default=3, help="bytes")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", default="", help="write the figures there")
    return parser.parse_args()


def main():
    args = parse_arguments()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with open(args.servers) as file:
        servers = json.load(file)
    names = args.only.split(",") if args.only else list(servers)
    ports = iter(range(21000 + os.getpid() % 3000, 65536))
    rows, well = [], True
    for work in args.work.split(","):
        for conns in args.conns:
            for pipeline in args.pipeline:
                more, good = race(names, servers, work, conns, pipeline, args, ports)
                rows += more
                well = well and good
    if args.json:
        with open(args.json, "w") as file:
            json.dump(rows, file, indent=1)
    sys.exit(not well)


main()

# SPDX-License-Identifier: MIT
"""primes: goroutines answer in order, by wakes; what goes wrong in Go ends one answer and not the worker."""

import os
import signal
import sys

from harness import Shinyd, check, main, until

plugin = sys.argv[2]


@check("/examples/primes/answers-in-order")
def in_order():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        client.send(b"999999937\n2\n12\n1\nx\n")
        client.end()
        error = b"error: no number from 2 to 1000000000\n"
        assert client.ended() == b"999999937\n2\n2 2 3\n" + error * 2


@check("/examples/primes/many-connections-and-pipelines")
def many():
    with Shinyd(plugin) as shinyd:
        clients = [shinyd.connect() for _ in range(100)]
        for i, client in enumerate(clients):
            client.send(b"%d\n" % (2 ** (i % 20 + 1)) * 500)
        for i, client in enumerate(clients):
            for _ in range(500):
                assert client.line() == b" ".join([b"2"] * (i % 20 + 1))


@check("/examples/primes/parameters")
def parameters():
    with Shinyd(plugin, "number_max = 10\n") as shinyd:
        assert shinyd.connect().ask(b"11") == b"error: no number from 2 to 10"


@check("/examples/primes/a-panic-ends-its-answer-and-not-the-worker")
def panic():
    with Shinyd(plugin) as shinyd:
        worker, client = shinyd.worker(), shinyd.connect()
        assert client.ask(b"panic") == b"error: internal"
        shinyd.logged(r"error: \[server example\] panic: a line asked for it")
        assert client.ask(b"nil") == b"error: internal"
        shinyd.logged(r"error: \[server example\] panic: .*nil pointer dereference")
        assert client.ask(b"4") == b"2 2" and shinyd.worker() == worker


@check("/examples/primes/a-drain-lets-goroutines-finish")
def drain():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        client.send(b"999999937\n" * 60)
        assert client.line() == b"999999937"
        os.kill(shinyd.worker(), signal.SIGTERM)
        assert client.ended() == b"999999937\n" * 59


@check("/examples/primes/a-crash-is-logged-and-another-worker-serves")
def crash():
    with Shinyd(plugin) as shinyd:
        worker = shinyd.worker()
        os.kill(worker, signal.SIGABRT)
        shinyd.logged(rf"worker {worker} \(primes 1.0\) was killed by SIGABRT")
        until(lambda: shinyd.connect().ask(b"4") == b"2 2", "no other worker")


main()

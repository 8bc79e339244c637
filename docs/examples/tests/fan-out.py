# SPDX-License-Identifier: MIT
"""fan-out.c: all who read get every line in order; one that does not costs its queue, and knows what it missed."""

import sys

from harness import Shinyd, at_most, check, main, memory, until

plugin = sys.argv[2]
QUEUE_MAX = 1 << 20


def lines(first, count):
    return [b"%07d" % i + b"x" * 1000 for i in range(first, first + count)]


def publish(publisher, batch, receivers):
    publisher.send(b"\n".join(batch) + b"\n")
    for _ in batch:
        assert publisher.line() in receivers


def all_here(client, count):
    """Waits until so many others are connected."""
    until(lambda: client.ask(b"hello") == b"%d" % count, f"not {count} clients")


@check("/examples/fan-out/all-get-every-line-in-order")
def everybody():
    with Shinyd(plugin) as shinyd:
        publisher = shinyd.connect()
        readers = [shinyd.connect() for _ in range(200)]
        all_here(publisher, 200)
        publish(publisher, lines(0, 100), [b"200"])
        for reader in readers:
            while (first := reader.line()) == b"hello":
                pass
            assert [first] + [reader.line() for _ in range(99)] == lines(0, 100)


@check("/examples/fan-out/a-slow-reader-costs-its-queue-and-knows-what-it-missed")
def slow_reader():
    rounds, batch = 300, 64
    with Shinyd(plugin) as shinyd:
        publisher, fast, slow = (shinyd.connect() for _ in range(3))
        all_here(publisher, 2)
        publish(publisher, [b"start"], [b"2"])
        while fast.line() != b"start":
            pass
        before = memory(shinyd.worker())
        for i in range(rounds):
            publish(publisher, lines(i * batch, batch), [b"1", b"2"])
            assert [fast.line() for _ in range(batch)] == lines(i * batch, batch)
        at_most(memory(shinyd.worker()) - before, 4 * QUEUE_MAX)
        got = []
        while not (line := slow.line()).startswith(b"missed "):
            if line not in (b"hello", b"start"):
                got.append(line)
        assert got == lines(0, len(got)), "the lines before the gap are not all there"
        assert len(got) + int(line.split()[1]) == rounds * batch
        # It is well again.
        publish(publisher, [b"again"], [b"2"])
        assert slow.line() == b"again"


@check("/examples/fan-out/when-full-disconnect")
def disconnect():
    with Shinyd(plugin, "when_full = disconnect\n") as shinyd:
        publisher, slow = shinyd.connect(), shinyd.connect()
        all_here(publisher, 1)
        i = 0
        while publisher.ask(lines(i, 1)[0]) == b"1":
            i += 1
        assert publisher.ask(b"anybody?") == b"0"
        assert b"".join(line + b"\n" for line in lines(0, 50)) in slow.ended()


@check("/examples/fan-out/lines-have-a-limit")
def limit():
    with Shinyd(plugin) as shinyd:
        for request in [b"x" * 70000, b"x" * 70000 + b"\n"]:
            with shinyd.connect() as client:
                client.send(request)
                assert client.ended() == b""


main()

# SPDX-License-Identifier: MIT
"""stream.c: whoever asks for much and reads nothing costs no memory, and holds nobody up."""

import string
import sys

from harness import Shinyd, at_most, check, main, memory

plugin = sys.argv[2]
ALPHABET = string.ascii_lowercase.encode()


def expected(size):
    return (ALPHABET * (size // 26 + 1))[:size]


@check("/examples/stream/answers-in-order")
def answers_in_order():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        client.send(b"1\n0\n26\n1000000\n3\n")
        assert client.take(1 + 26 + 1000000 + 3) == b"a" + ALPHABET + expected(1000000) + b"abc"


@check("/examples/stream/a-peer-that-has-sent-its-fin-gets-all")
def fin():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        client.send(b"30000000\n5\n")
        client.end()
        assert client.ended() == expected(30000000) + b"abcde"


@check("/examples/stream/who-does-not-read-takes-no-memory-and-holds-nobody-up")
def bounded():
    with Shinyd(plugin, "high_water = 256K\n") as shinyd:
        before = memory(shinyd.worker())
        slow = [shinyd.connect() for _ in range(20)]
        for client in slow:
            client.send(b"1000000000\n" * 10)
            assert client.take(1) == b"a"
        with shinyd.connect() as other:
            other.send(b"5000000\n")
            assert other.take(5000000) == expected(5000000)
        # What was asked for is 200 GB; 20 times high_water is 5 MB.
        at_most(memory(shinyd.worker()) - before, 32 << 20)


@check("/examples/stream/what-is-no-number-ends-the-connection")
def no_number():
    for request in [b"x\n", b"\n", b"1" * 16 + b"\n", b"1" * 16]:
        with Shinyd(plugin) as shinyd, shinyd.connect() as client:
            client.send(b"2\n" + request)
            assert client.ended() == b"ab"


main()

# SPDX-License-Identifier: MIT
"""frames.c: frames are put together however they arrive, and no longer than is allowed."""

import sys

from harness import Shinyd, check, main

plugin = sys.argv[2]


def frame(payload):
    return len(payload).to_bytes(4, "big") + payload


@check("/examples/frames/pipelined")
def pipelined():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        client.send(b"".join(frame(b"%05d" % i) for i in range(10000)))
        for i in range(10000):
            assert client.take(9) == frame(b"%05d" % i)[:4] + (b"%05d" % i)[::-1]


@check("/examples/frames/bytewise")
def bytewise():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        for byte in frame(b"hello") + frame(b"") + frame(b"x"):
            client.send(bytes([byte]))
        assert client.take(9 + 4 + 5) == frame(b"olleh") + frame(b"") + frame(b"x")


@check("/examples/frames/as-long-as-is-allowed")
def as_long_as_is_allowed():
    payload = bytes(range(256)) * 4096
    with Shinyd(plugin, "max_frame = 1M\n") as shinyd, shinyd.connect() as client:
        client.send(frame(payload))
        assert client.take(4 + len(payload)) == frame(payload[::-1])


@check("/examples/frames/a-length-above-the-limit-ends-the-connection")
def too_long():
    with Shinyd(plugin, "max_frame = 5\n") as shinyd, shinyd.connect() as client:
        client.send(frame(b"hello") + b"\0\0\0\6")
        assert client.ended() == frame(b"olleh")


main()

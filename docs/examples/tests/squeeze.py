# SPDX-License-Identifier: MIT
"""squeeze.rs: state of a section and of a connection in Rust, and no panic that leaves the plugin."""

import sys

from harness import Shinyd, check, main

plugin = sys.argv[2]


@check("/examples/squeeze/answers-for-each-connection")
def answers():
    with Shinyd(plugin) as shinyd:
        client, other = shinyd.connect(), shinyd.connect()
        assert client.ask(b"aaab") == b"a3b1" and client.ask(b"") == b"" and client.ask(b"x") == b"x1"
        assert client.ask(b"total") == b"5" and other.ask(b"total") == b"0"


@check("/examples/squeeze/bytewise-and-pipelined")
def bytewise():
    with Shinyd(plugin) as shinyd, shinyd.connect() as client:
        for byte in b"aab\ntotal\n":
            client.send(bytes([byte]))
        assert client.line() == b"a2b1" and client.line() == b"3"
        client.send(b"zz\n" * 10000)
        assert client.take(30000) == b"z2\n" * 10000


@check("/examples/squeeze/parameters")
def parameters():
    with Shinyd(plugin, "line_max = 5\n") as shinyd:
        for request in [b"aaaaa\nbbbbbb\n", b"aaaaa\nbbbbbb"]:
            with shinyd.connect() as client:
                client.send(request)
                assert client.ended() == b"a5\n"


@check("/examples/squeeze/a-panic-ends-its-connection-and-not-the-worker")
def panic():
    with Shinyd(plugin) as shinyd:
        worker, other, client = shinyd.worker(), shinyd.connect(), shinyd.connect()
        client.send(b"a\npanic\n")
        assert client.ended() == b"a1\n"
        shinyd.logged(r"error: \[server example\] a line asked for it")
        assert other.ask(b"aa") == b"a2" and shinyd.worker() == worker


main()

# SPDX-License-Identifier: MIT
"""words.cpp: state of a section and of a connection in C++, and no exception that leaves the plugin."""

import sys

from harness import Shinyd, check, main, sanitized, skip, until

plugin = sys.argv[2]


@check("/examples/words/counts-for-each-connection")
def counts():
    with Shinyd(plugin) as shinyd:
        client, other = shinyd.connect(), shinyd.connect()
        assert client.ask(b"add a b  c b") == b"3" and other.ask(b"add a") == b"1"
        assert client.ask(b"add c b d") == b"4"
        assert client.ask(b"top 3") == b"b=3 c=2 a=1" and other.ask(b"top 9") == b"a=1"


@check("/examples/words/a-bad-request-is-an-error-and-the-connection-goes-on")
def bad_requests():
    with Shinyd(plugin, "top_max = 5\n") as shinyd:
        client = shinyd.connect()
        assert client.ask(b"top x") == b"error: not a number: x"
        assert client.ask(b"top 6") == b"error: at most 5"
        assert client.ask(b"drop") == b"error: unknown command: drop"
        assert client.ask(b"add " + b"x" * 257).startswith(b"error: too many words")
        assert client.ask(b"top 5") == b""


@check("/examples/words/an-exception-ends-its-connection-and-not-the-worker")
def exception():
    if sanitized():
        skip("a sanitizer ends the process where new throws std::bad_alloc")
    with Shinyd(plugin, "memory = 1M\n") as shinyd:
        worker, greedy = shinyd.worker(), shinyd.connect()
        greedy.send(b"".join(b"add %0250d\n" % i for i in range(9000)))
        greedy.ended()
        greedy.socket.close()
        shinyd.logged("bad_alloc")
        until(lambda: shinyd.connect().ask(b"add a") == b"1", "nobody is served any more")
        assert shinyd.worker() == worker


main()

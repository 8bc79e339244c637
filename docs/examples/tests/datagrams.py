# SPDX-License-Identifier: MIT
"""datagrams.c: answers of a thread's own epoll reach who asked, in order, however late; and none reaches another."""

import os
import socket
import sys
import threading

from harness import TIMEOUT, Shinyd, check, main

plugin = sys.argv[2]


class Backend:
    """Answers in capitals. A line 'drop' gets no answer, and 'hold' none before hold_for lines have come."""

    def __init__(self, path, hold_for=0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.hold_for = hold_for
        self.asked = threading.Semaphore(0)
        self.held = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            data, sender = self.socket.recvfrom(4096)
            number, line = data.split(b" ", 1)
            if line == b"end":
                self.socket.close()
                return
            if line == b"hold":
                self.held.append((number, sender))
            elif line != b"drop":
                self.socket.sendto(number + b" " + line.upper(), sender)
            if self.held and len(self.held) == self.hold_for:
                for number, sender in reversed(self.held):
                    self.socket.sendto(number + b" " + number, sender)
                self.held = []
            self.asked.release()


def serve(keys=""):
    return Shinyd(plugin, "backend = @FOLDER@/backend\n" + keys)


@check("/examples/datagrams/answers-in-order")
def in_order():
    with serve() as shinyd:
        Backend(shinyd.folder + "/backend")
        client = shinyd.connect()
        client.send(b"".join(b"line %d\n" % i for i in range(1000)))
        client.end()
        assert client.ended() == b"".join(b"LINE %d\n" % i for i in range(1000))


@check("/examples/datagrams/the-others-are-served-while-a-hundred-wait")
def others():
    with serve("timeout = 60s\n") as shinyd:
        backend = Backend(shinyd.folder + "/backend", hold_for=101)
        clients = [shinyd.connect() for _ in range(100)]
        for client in clients:
            client.send(b"hold\n")
            assert backend.asked.acquire(timeout=TIMEOUT)
        assert shinyd.connect().ask(b"hello") == b"HELLO"
        last = shinyd.connect()
        last.send(b"hold\n")
        answers = [int(client.line()) for client in clients + [last]]
        # Numbers count up, so each has its own, though they came in reverse order.
        assert answers == sorted(answers) and len(set(answers)) == 101


@check("/examples/datagrams/an-answer-to-one-that-has-gone-reaches-nobody")
def gone():
    with serve("timeout = 60s\n") as shinyd:
        backend = Backend(shinyd.folder + "/backend", hold_for=2)
        gone = shinyd.connect()
        gone.send(b"x\n" * 100 + b"hold\n")
        for _ in range(101):
            assert backend.asked.acquire(timeout=TIMEOUT)
        gone.socket.close()  # with input unread: it is reset
        other = shinyd.connect()
        other.send(b"hold\nnext\n")
        assert other.line().isdigit() and other.line() == b"NEXT"


@check("/examples/datagrams/no-answer-is-a-timeout")
def no_answer():
    with serve("timeout = 10ms\n") as shinyd:
        Backend(shinyd.folder + "/backend")
        client = shinyd.connect()
        assert client.ask(b"drop") == b"timeout" and client.ask(b"hello") == b"HELLO"


@check("/examples/datagrams/a-backend-that-is-gone-degrades-and-one-that-is-back-is-found")
def restart():
    with serve() as shinyd:
        path, client = shinyd.folder + "/backend", shinyd.connect()
        assert client.ask(b"hello") == b"unreachable"
        shinyd.logged("the backend does not listen")
        backend = Backend(path)
        assert client.ask(b"hello") == b"HELLO"
        client.send(b"end\n")
        assert client.line() == b"timeout"
        assert client.ask(b"hello") == b"unreachable"
        os.unlink(path)
        Backend(path)
        assert client.ask(b"hello") == b"HELLO"


main()

# SPDX-License-Identifier: MIT
"""snapshot.c: the worker serves while its child writes what was there at the fork; and neither leaves the other over."""

import os
import signal
import sys

from harness import Shinyd, check, main, until

plugin = sys.argv[2]


def serve():
    return Shinyd(plugin, "file = @FOLDER@/counts\n")


class Child:
    """A save that does not end: the child waits for somebody to read the FIFO that it writes to."""

    def __init__(self, shinyd):
        self.path = shinyd.folder + "/counts.new"
        self.worker = shinyd.worker()
        self.client = shinyd.connect()
        os.mkfifo(self.path)
        self.client.send(b"save\n")
        self.pid = until(self._find, "no child")

    def _find(self):
        with open(f"/proc/{self.worker}/task/{self.worker}/children") as children:
            return int((children.read().split() or [0])[0])

    def read(self):
        with open(self.path, "rb") as fifo:
            return fifo.read()

    def sockets(self):
        folder = f"/proc/{self.pid}/fd"
        files = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
        return [file for file in files if file.startswith("socket:")]

    def has_gone(self):
        try:
            with open(f"/proc/{self.pid}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            return True


@check("/examples/snapshot/saves-all-counts")
def saves():
    with serve() as shinyd:
        client = shinyd.connect()
        for name, count in [(b"b", b"1"), (b"a", b"1"), (b"b", b"2")]:
            assert client.ask(b"add " + name) == count
        client.send(b"save\n")
        client.end()
        assert client.ended() == b"saved\n"
        with open(shinyd.folder + "/counts", "rb") as counts:
            assert counts.read() == b"a 1\nb 2\n"
        assert not os.path.exists(shinyd.folder + "/counts.new")


@check("/examples/snapshot/serves-while-the-child-writes-what-was-there")
def serves():
    with serve() as shinyd:
        client = shinyd.connect()
        assert client.ask(b"add before") == b"1"
        child = Child(shinyd)
        assert client.ask(b"add before") == b"2" and client.ask(b"add after") == b"1"
        assert client.ask(b"save") == b"busy"
        assert child.read() == b"before 1\n"
        # A pipe cannot be synced, so this save has failed; the next one need not.
        assert child.client.line() == b"failed"
        os.unlink(child.path)
        assert client.ask(b"save") == b"saved"


@check("/examples/snapshot/the-child-has-nobody's-connection")
def no_connection():
    with serve() as shinyd:
        child = Child(shinyd)
        until(lambda: not child.sockets(), "the child has sockets")
        child.read()
        assert child.client.line() == b"failed"


@check("/examples/snapshot/the-child-ends-with-its-worker")
def ends():
    with serve() as shinyd:
        child = Child(shinyd)
        os.kill(child.worker, signal.SIGKILL)
        until(child.has_gone, "the child is still there")
        until(lambda: shinyd.worker() != child.worker, "no other worker")
        os.unlink(child.path)
        assert shinyd.connect().ask(b"save") == b"saved"


main()

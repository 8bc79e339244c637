# SPDX-License-Identifier: MIT
"""Serves an example by the real shinyd and talks to it over real sockets. Speaks TAP.

A test program names its checks with @check, in the order in which they run, and ends with main():

    @check("/examples/lines/answers")
    def answers():
        with Shinyd(plugin) as shinyd:
            assert shinyd.connect().ask(b"hello") == b"5"

The program's arguments are the path of shinyd and what is to be tested. Whatever waits gives up after TIMEOUT.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

TIMEOUT = 60
SHINYD = sys.argv[1]

_checks = []


def check(name):
    def add(function):
        _checks.append((name, function))
        return function

    return add


class Skipped(Exception):
    pass


def skip(reason):
    """Ends the running check, which cannot run here."""
    raise Skipped(reason)


def main():
    print(f"1..{len(_checks)}")
    failed = 0
    for number, (name, function) in enumerate(_checks, 1):
        try:
            function()
            print(f"ok {number} {name}", flush=True)
        except Skipped as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} {name}")
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    sys.exit(1 if failed else 0)


def until(condition, what):
    """Waits for something that gives no event, and says what did not come. A connection that ends is tried again."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        try:
            result = condition()
        except (ConnectionError, EOFError):
            result = None
        if result:
            return result
        time.sleep(0.01)
    raise TimeoutError(what)


class Client:
    """A connection that reads what it is asked to, and no more."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def end(self):
        """Sends a FIN; replies still come."""
        self.socket.shutdown(socket.SHUT_WR)

    def take(self, size):
        """Exactly so many bytes."""
        while len(self.held) < size:
            self.held += self._more()
        data, self.held = self.held[:size], self.held[size:]
        return data

    def line(self):
        while b"\n" not in self.held:
            self.held += self._more()
        line, self.held = self.held.split(b"\n", 1)
        return line

    def _more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise EOFError(f"the connection has ended, after {self.held!r}")
        return data

    def ended(self):
        """Waits for the end of the connection, and returns what came before."""
        data = [self.held]
        try:
            while more := self.socket.recv(1 << 20):
                data.append(more)
        except ConnectionResetError:
            pass
        return b"".join(data)

    def ask(self, line):
        self.send(line + b"\n")
        return self.line()


def write_ini(folder, plugin, keys=""):
    """Returns the path of a configuration with one section, [server example], at a unix socket in the folder."""
    path = os.path.join(folder, "shinyd.ini")
    with open(path, "w") as ini:
        ini.write(f"[shinyd]\nlog_level = debug\nstatus_socket = {folder}/status\n")
        ini.write(f"[server example]\nplugin = {os.path.abspath(plugin)}\n")
        ini.write(f"listen = unix://{folder}/socket\n" + keys.replace("@FOLDER@", folder))
    return path


class Shinyd:
    """shinyd with one section, [server example], at a unix socket."""

    def __init__(self, plugin, keys="", **environment):
        self.clients = []
        self.folder = tempfile.mkdtemp(prefix="shiny-example-")
        self.path = os.path.join(self.folder, "socket")
        self.log_path = os.path.join(self.folder, "log")
        self.ini = write_ini(self.folder, plugin, keys)
        # What is freed is to be free: the tests look at how much memory is in use.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(
                [SHINYD, "-c", self.ini],
                stdin=subprocess.DEVNULL,
                stderr=log,
                stdout=log,
                env={**os.environ, "ASAN_OPTIONS": sanitizer, **environment},
            )
        try:
            until(self._serves, "shinyd does not serve")
        except BaseException:
            self._end()
            raise

    def _serves(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"shinyd has ended with {self.process.returncode}")
        return re.search(r" serves .* \(worker \d+\)", self.log())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        code = self._end()
        if kind is None and code != 0:
            raise RuntimeError(f"shinyd has ended with {code}")

    def _end(self):
        for client in self.clients:
            client.socket.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code != 0 or sys.exc_info()[0]:
            print("# " + self.log().replace("\n", "\n# "))
        shutil.rmtree(self.folder)
        return code

    def connect(self):
        client = Client(self.path)
        self.clients.append(client)
        return client

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def logged(self, pattern):
        """Waits for a line of the log, and returns the match."""
        return until(lambda: re.search(pattern, self.log()), f"no {pattern!r} in the log")

    def worker(self):
        """The process that serves; the last one, if there were others."""
        return int(re.findall(r" serves .* \(worker (\d+)\)", self.log())[-1])


def sanitized():
    """Whether shinyd is built with the address sanitizer."""
    with open(SHINYD, "rb") as program:
        return b"__asan_init" in program.read()


def memory(pid):
    """What a process has in memory, in bytes."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def at_most(number, limit):
    assert number <= limit, f"{number:,} is more than {limit:,}"

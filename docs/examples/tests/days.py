# SPDX-License-Identifier: MIT
"""days.c: the bug is found by each means of the guide's chapter on debugging, at the very line where it is."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from harness import SHINYD, TIMEOUT, Client, Shinyd, check, main, sanitized, skip, until, write_ini

plugin, examples, include, libraries = sys.argv[2:]
SOURCE = os.path.join(examples, "days.c")
CRASH = b"100000000\n"  # far beyond the table


def line_of(text):
    with open(SOURCE) as source:
        return next(number for number, line in enumerate(source, 1) if text in line)


BUG = line_of("/* the bug */")


def need(program):
    if not shutil.which(program):
        skip(f"there is no {program} here")


@check("/examples/days/addr2line-on-the-backtrace-in-the-log")
def addr2line():
    need("addr2line")
    if sanitized():
        skip("a sanitizer reports the fault before shinyd can")
    with Shinyd(plugin) as shinyd:
        client = shinyd.connect()
        client.send(CRASH)
        assert client.ended() == b""
        offset = shinyd.logged(r"SIGSEGV .* in handle; backtrace: days\.so\+(0x[0-9a-f]+)")[1]
    command = ["addr2line", "-f", "-e", plugin, offset]
    function, place = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:2]
    assert function == "name_of_day" and re.search(rf"days\.c:{BUG}\b", place), (function, place)


@check("/examples/days/gdb-and-single")
def gdb():
    need("gdb")
    folder = tempfile.mkdtemp(prefix="shiny-example-")
    path = os.path.join(folder, "socket")

    def connect():
        client = until(lambda: os.path.exists(path) and Client(path), "nobody listens")
        client.send(b"3\n")
        client.ended()

    threading.Thread(target=connect, daemon=True).start()
    commands = ["set breakpoint pending on", "break name_of_day", "run", "backtrace 2", "kill"]
    command = ["gdb", "-nx", "-q", "-batch", *(word for text in commands for word in ("-ex", text))]
    command += ["--args", SHINYD, "-c", write_ini(folder, plugin), "--single", "example"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    shutil.rmtree(folder)
    if "ptrace" in said.stderr and "not permitted" in said.stderr:
        skip("a debugger is not allowed here")
    assert re.search(r'#0 +name_of_day \(number=0x[0-9a-f]+ "3"\)', said.stdout), said
    assert re.search(r"#1 .* in (on_)?handle ", said.stdout), said


@check("/examples/days/address-sanitizer-in-a-shinyd-built-without")
def preloaded():
    need("gcc")
    if sanitized():
        skip("this shinyd is built with the address sanitizer")
    library = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    if not os.path.isabs(library):
        skip("gcc has no libasan here")
    with tempfile.TemporaryDirectory(prefix="shiny-example-") as folder:
        built = os.path.join(folder, "days.so")
        flags = ["-g", "-fsanitize=address", "-shared", "-fPIC", "-I", include]
        subprocess.run(["gcc", *flags, "-o", built, SOURCE, "-L", libraries, "-lshiny"], check=True)
        finds(built, LD_PRELOAD=library, ASAN_OPTIONS="detect_leaks=0")


@check("/examples/days/address-sanitizer-in-a-shinyd-built-with-it")
def built_in():
    if not sanitized():
        skip("this shinyd is built without the address sanitizer")
    finds(plugin)


def finds(built, **environment):
    """A read just behind the table, which need not crash."""
    with Shinyd(built, **environment) as shinyd:
        client = shinyd.connect()
        client.send(b"7\n")
        assert client.ended() == b""
        shinyd.logged(rf"(?s)global-buffer-overflow.*days\.c:{BUG}\b|days\.c:{BUG}:.*index 7 out of bounds")


main()

# SPDX-License-Identifier: MIT
"""stale.c: --single serves in the library's debugging mode, which finds a connection that is used after its end."""

import os
import re
import signal
import subprocess
import sys
import tempfile

from harness import SHINYD, TIMEOUT, Client, check, main, until, write_ini

plugin = sys.argv[2]


@check("/examples/stale/single-finds-a-connection-that-has-ended")
def single():
    with tempfile.TemporaryDirectory(prefix="shiny-example-") as folder:
        path = os.path.join(folder, "socket")
        shinyd = subprocess.Popen(
            [SHINYD, "-c", write_ini(folder, plugin), "--single", "example"],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            with until(lambda: os.path.exists(path) and Client(path), "nobody listens") as first:
                first.send(b"a")
                second = Client(path)
                second.send(b"b")
                assert first.take(1) == b"b"
                second.end()
                assert second.ended() == b""
                second.socket.close()
                first.send(b"c")
                said = shinyd.communicate(timeout=TIMEOUT)[1]
            assert shinyd.returncode == -signal.SIGABRT, said
            assert re.search(r"^libshiny: shiny_write\(\) was called with connection \d+, which has ended", said, re.M), said
        finally:
            shinyd.kill()
            shinyd.wait()


main()

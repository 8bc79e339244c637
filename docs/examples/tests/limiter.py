# SPDX-License-Identifier: MIT
"""limiter.c: Redis's own programs talk to it, in pipelines of a million commands, too."""

import re
import shutil
import subprocess
import sys

from harness import TIMEOUT, Shinyd, check, main, skip

plugin = sys.argv[2]
MILLION = 1000000


def run(program, shinyd, *args, **options):
    if not shutil.which(program):
        skip(f"there is no {program} here")
    return subprocess.run([program, "-s", shinyd.path, *args], check=True, text=True,
                          timeout=TIMEOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


def cli(shinyd, *args):
    return run("redis-cli", shinyd, *args).strip()


@check("/examples/limiter/as-many-as-are-allowed")
def allowed():
    with Shinyd(plugin) as shinyd:
        assert [cli(shinyd, "TAKE", "me", "3", "1000") for _ in range(5)] == ["2", "1", "0", "-1", "-1"]
        assert cli(shinyd, "TAKE", "you", "3", "1000") == "2"
        assert cli(shinyd, "TAKE", "quick", "1", "1") == "0"


@check("/examples/limiter/errors-are-those-that-clients-know")
def errors():
    with Shinyd(plugin) as shinyd:
        assert cli(shinyd, "TAKE", "me") == "ERR wrong number of arguments for 'take' command"
        assert cli(shinyd, "TAKE", "me", "0", "1") == "ERR value is not an integer or out of range"
        assert cli(shinyd, "GIVE", "me").startswith("ERR unknown command 'GIVE'")
        assert cli(shinyd, "-3", "PING") == "PONG"


@check("/examples/limiter/a-million-commands-by-redis-cli-pipe")
def piped():
    with Shinyd(plugin) as shinyd:
        commands = "*4\r\n$4\r\nTAKE\r\n$2\r\nme\r\n$5\r\n30000\r\n$7\r\n1000000\r\n" * MILLION
        said = run("redis-cli", shinyd, "--pipe", input=commands)
        assert f"errors: 0, replies: {MILLION}" in said, said
        assert cli(shinyd, "TAKE", "me", "30000", "1000000") == "-1"


@check("/examples/limiter/a-million-commands-by-redis-benchmark")
def benchmarked():
    with Shinyd(plugin) as shinyd:
        said = run("redis-benchmark", shinyd, "-P", "128", "-n", str(MILLION), "-c", "8", "-r", "100000", "--csv",
                   "TAKE", "key:__rand_int__", "100", "1")
        assert re.search(r'^"TAKE key', said, re.MULTILINE), said


main()

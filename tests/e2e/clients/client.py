# SPDX-License-Identifier: MIT
"""redis-py against redis-lite, as an application uses it. Arguments: port, password."""
import sys

try:
    import redis
except ImportError as error:
    print(error)
    sys.exit(77)

port, password = int(sys.argv[1]), sys.argv[2]
client = redis.Redis(port=port, password=password, client_name="py", decode_responses=True)

assert client.ping()
assert client.set("key", "value", ex=100) and client.get("key") == "value"
assert client.get("none") is None and client.ttl("key") == 100
assert client.set("key", "other", nx=True) is None
assert client.mset({"a": 1, "b": 2}) and client.mget("a", "none", "b") == ["1", None, "2"]
assert client.incr("n") == 1 and client.decrby("n", 5) == -4
assert sorted(client.scan_iter("?")) == ["a", "b", "n"]
assert client.client_getname() == "py"
assert "py" in [c["name"] for c in client.client_list()]
assert client.config_get("save") == {"save": ""}
assert client.info("server")["redis_version"] == "7.0.15"
assert client.info()["role"] == "master"
assert "get" in client.command() and client.command_count() > 40

with client.pipeline() as pipe:
    assert pipe.set("a", 5).incr("a").get("a").execute() == [True, 6, "6"]
    pipe.watch("a")
    client.set("a", 7)
    pipe.multi()
    pipe.get("a")
    try:
        pipe.execute()
        raise AssertionError("the transaction ran")
    except redis.WatchError:
        pass

assert client.transaction(lambda pipe: (pipe.multi(), pipe.incr("n")), "n") == [-3]
try:
    client.execute_command("NONE", "x")
    raise AssertionError("NONE is a command")
except redis.ResponseError as error:
    assert str(error).startswith("unknown command 'NONE'"), error
try:
    redis.Redis(port=port, password="wrong").ping()
    raise AssertionError("any password will do")
except redis.ResponseError as error:  # AuthenticationError, from redis-py 5 on
    assert "username-password pair" in str(error), error
assert client.flushdb() and client.dbsize() == 0

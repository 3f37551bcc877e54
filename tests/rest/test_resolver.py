"""Addresses of hosts: looked up anew each time, shared meanwhile, and remembered for the worst case."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading

import pytest

from qqbot_cli.rest.resolver import Resolver

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")


async def test_f06_an_address_is_told_in_the_way_aiohttp_wants_it() -> None:
    (first, *_) = await Resolver().resolve("localhost", 80, socket.AF_INET)

    assert (first["hostname"], first["host"], first["port"]) == ("localhost", "127.0.0.1", 80)


@pytest.mark.parametrize("host", ["x" * 70 + ".invalid", "a..b", ""])
async def test_f06_a_name_that_cannot_be_resolved_is_an_os_error(host: str) -> None:
    with pytest.raises(OSError):
        await asyncio.wait_for(Resolver().resolve(host, 80), 20)


async def test_f06_who_asks_for_the_same_host_meanwhile_shares_a_look_up() -> None:
    resolver = Resolver()
    before = threading.active_count()
    asking = [asyncio.create_task(resolver.resolve("localhost", 80, socket.AF_INET)) for _ in range(50)]
    await asyncio.sleep(0)

    assert threading.active_count() <= before + 1
    asking[0].cancel()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert all(isinstance(outcome, list) for outcome in outcomes[1:])


async def test_f06_closing_waits_for_no_look_up() -> None:
    resolver = Resolver()
    asking = asyncio.create_task(resolver.resolve("localhost", 80))
    await asyncio.sleep(0)
    await resolver.close()

    with pytest.raises(asyncio.CancelledError):
        await asking


WITHOUT_DESCRIPTORS = """
import asyncio, os, resource, socket
from qqbot_cli.rest.resolver import Resolver

async def main():
    resolver = Resolver()
    known = await resolver.resolve("localhost", 80, socket.AF_INET)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 64))
    kept = []
    try:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    assert await resolver.resolve("localhost", 80, socket.AF_INET) == known
    try:
        await resolver.resolve("localhost", 81, socket.AF_INET)
    except OSError:
        print("not known")

asyncio.run(main())
"""


@POSIX
def test_f63_without_a_descriptor_the_last_answer_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DESCRIPTORS], capture_output=True, text=True, timeout=30, check=False
    )

    assert (done.stdout, done.stderr) == ("not known\n", "")


RESERVE = """
import os, resource, socket
from qqbot_cli.rest.caller import RUNNING_PLUGIN
from qqbot_cli.rest.descriptors import make_socket, reserve_descriptors, used_up

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
reserve_descriptors()
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (56, 64)
kept = []
while not used_up():
    kept.append(os.open(os.devnull, os.O_RDONLY))
address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))
ours = [make_socket(address) for _ in range(8)]
assert used_up()
RUNNING_PLUGIN.set("hungry")
ours.pop().close()
try:
    make_socket(address)
except OSError as exc:
    print(exc.strerror)
"""


@POSIX
def test_f63_what_lies_above_the_limit_is_for_the_bot_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RESERVE],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.stdout == "Too many open files\n", done.stderr

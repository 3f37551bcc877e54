"""F-07: a platform whose certificate is not in order gets not one byte of a secret."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from qqbot_cli import Simulation, Simulator
from qqbot_cli.bot.wording import describe
from qqbot_cli.model.fact import ShardChanged
from qqbot_cli.model.hosts import Endpoints
from tests.certificates import HOST, Authority, Kind
from tests.conftest import run_qqbot
from tests.e2e.bots import CANARY, Recorder, running, simulating, until

HANDSHAKE = 0x16
"""First byte of a connection that speaks TLS."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def secured(tls: ssl.SSLContext) -> AsyncIterator[Simulator]:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY, tls=tls) as simulator:
        yield simulator


class Relay:
    """Leads to a simulator and remembers what clients said first, connection by connection."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.port = 0

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[Relay]:
        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(65536):
                    if number >= 0:
                        self.heard[number] += data
                    writer.write(data)
            writer.close()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            number = len(self.heard)
            self.heard.append(b"")
            there, back = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, back, number), pump(there, writer, -1))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self


def port_of(simulator: Simulator) -> int:
    return int(simulator.endpoints.api.rpartition(":")[2])


def at(port: int) -> Endpoints:
    base = f"https://{HOST}:{port}"
    return Endpoints(base, base, f"{base}/app/getAppAccessToken")


def configured(where: Endpoints, appid: str, folder: Path) -> Path:
    file = folder / "config.yaml"
    facts = {
        "token": {"appid": appid, "secret": CANARY},
        "endpoints": {"api": where.api, "sandbox_api": where.sandbox_api, "token": where.token},
        "state_dir": str(folder),
    }
    file.write_text(yaml.safe_dump(facts), encoding="utf-8")
    file.chmod(0o600)
    return file


async def test_with_a_certificate_in_order_everything_is_encrypted(
    authority: Authority, tmp_path: Path
) -> None:
    relay = Relay()
    async with secured(authority.context("good")) as simulator, relay.to(port_of(simulator)):
        assert simulator.endpoints.api.startswith("https://")
        gateway = f"wss://{HOST}:{relay.port}/websocket/"
        file = configured(at(relay.port), simulator.appid, tmp_path)
        file.write_text(file.read_text().replace("endpoints:\n", f"endpoints:\n  gateway: {gateway}\n"))
        arguments = ("run", file, "--no-plugins", "--for", "1s", "--ui", "plain")
        env = {"SSL_CERT_FILE": str(authority.file)}
        done = await asyncio.to_thread(run_qqbot, *arguments, cwd=tmp_path, env=env)

    assert done.returncode == 0
    assert "to=ready" in done.stderr
    assert {data[0] for data in relay.heard} == {HANDSHAKE}
    assert CANARY.encode() not in b"".join(relay.heard)


@pytest.mark.parametrize(
    ("kind", "reason", "subject"),
    [
        ("expired", "certificate has expired", HOST),
        ("not yet valid", "certificate is not yet valid", HOST),
        ("wrong host", "Hostname mismatch, certificate is not valid for 'localhost'", "other.example"),
        ("self-signed", "self-signed certificate", HOST),
    ],
)
async def test_f07_a_bad_certificate_is_named_with_its_dates_and_gets_no_byte_of_a_secret(
    authority: Authority, tmp_path: Path, kind: Kind, reason: str, subject: str
) -> None:
    relay = Relay()
    async with secured(authority.context(kind)) as simulator, relay.to(port_of(simulator)):
        file = configured(at(relay.port), simulator.appid, tmp_path)
        env = {"SSL_CERT_FILE": str(authority.file)}
        done = await asyncio.to_thread(run_qqbot, "check-token", file, cwd=tmp_path, env=env, fresh=True)

        assert simulator.history == []
    assert done.returncode == 69
    words = " ".join(done.stderr.split()).replace("self signed", "self-signed")  # older OpenSSL
    assert f"its certificate is not valid ({reason}), it is that of {subject}, valid from 20" in words
    assert re.search(r"valid from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d", words)
    assert ("is the clock of this machine right?" in words) == (kind in ("expired", "not yet valid"))
    assert relay.heard
    assert {data[0] for data in relay.heard} == {HANDSHAKE}
    assert CANARY.encode() not in b"".join(relay.heard)


async def test_f07_a_gateway_with_an_unknown_certificate_gets_no_token(authority: Authority) -> None:
    relay = Relay()
    async with simulating() as rest, secured(authority.context("good")) as gateway:
        async with relay.to(port_of(gateway)):
            where = replace(rest.endpoints, gateway=f"wss://{HOST}:{relay.port}/websocket/")
            async with running(rest, Recorder(), ready=None, endpoints=where) as bot:
                await until(lambda: any(shard.last_error for shard in bot.client.snapshot().shards))
                (shard,) = bot.client.snapshot().shards
                failed = [fact for fact in bot.facts if isinstance(fact, ShardChanged)][-1]

        assert failed.delay == 60
        assert describe(failed, now=0).level == logging.ERROR
        assert "unable to get local issuer certificate" in shard.last_error
        assert f"that of {HOST}, valid from" in shard.last_error
        assert gateway.history == []
    assert {data[0] for data in relay.heard} == {HANDSHAKE}
    assert b"QQBot" not in b"".join(relay.heard)


async def test_f07_a_certificate_that_is_refused_at_the_start_is_tried_again_after_a_minute(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        secured(authority.context("expired")) as simulator,
        running(simulator, Recorder(), ready=None, endpoints=at(port_of(simulator))) as bot,
    ):
        await until(lambda: bot.client.snapshot().stage_next_at)

    (record,) = [record for record in caplog.records if "again in" in record.getMessage()]
    assert record.levelno == logging.ERROR
    # The authority is unknown here, so that is what is found first.
    assert f"its certificate is not valid (unable to get local issuer certificate), it is that of {HOST}" in (
        record.getMessage()
    )
    assert "again in 60 s" in record.getMessage()


async def test_f07_a_server_that_speaks_no_tls_is_not_spoken_to_without(tmp_path: Path) -> None:
    relay = Relay()
    async with simulating() as simulator, relay.to(port_of(simulator)):
        file = configured(at(relay.port), simulator.appid, tmp_path)
        done = await asyncio.to_thread(run_qqbot, "check-token", file, cwd=tmp_path)

    assert done.returncode == 69
    assert "no secure connection possible" in done.stderr
    assert {data[0] for data in relay.heard} == {HANDSHAKE}
    assert CANARY.encode() not in b"".join(relay.heard)

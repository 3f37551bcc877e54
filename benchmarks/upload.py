"""How long an upload takes, and how much memory: seconds, and the peak of RSS above what was used before.

`python benchmarks/upload.py [--megabytes N] [--at-once N]`. The simulator runs here, the bot in a process of
its own, whose memory is measured; it uploads a small file first, so that everything is loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from qqbot_cli import Scene, Simulation, Simulator, Token
from qqbot_cli.bot.platform import open_platform
from qqbot_cli.model.hosts import Endpoints

BEGIN = b"\0\0\0\x18ftypisom"
MEBIBYTE = 1024 * 1024


def peak() -> float:
    """Return the largest RSS of this process so far, in MiB."""
    try:
        # Not ru_maxrss where it can be helped: on Linux a child begins with that of its parent.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        unit = MEBIBYTE if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def make_file(path: Path, size: int) -> None:
    """Make a video of *size* bytes that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(BEGIN)
        file.truncate(size)


async def upload(path: Path, base: str, appid: str, group: str) -> None:
    """Upload *path* and print seconds and MiB."""
    token = Token(appid, os.environ["QQBOT_SECRET"])
    endpoints = Endpoints(api=base, sandbox_api=base, token=f"{base}/app/getAppAccessToken")
    async with open_platform(
        token, endpoints=endpoints, sandbox=False, timeout=30, report=lambda _: None, learn=lambda _: None
    ) as platform:
        media = platform.api.media
        with tempfile.TemporaryDirectory() as folder:
            small = Path(folder) / "small.mp4"
            make_file(small, 6 * MEBIBYTE)
            await media.upload(Scene.GROUP, group, small)
        before, begun = peak(), time.perf_counter()
        await media.upload(Scene.GROUP, group, path)
        print(f"{time.perf_counter() - begun:.2f} {peak() - before:.1f} {peak():.1f}")


async def measure(megabytes: int, at_once: int) -> None:
    """Run the simulator and the bot, and print what the bot says."""
    async with Simulator(Simulation(users=0, shards=1)) as simulator:
        simulator.switches.upload_config["concurrency"] = at_once
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "film.mp4"
            make_file(path, megabytes * MEBIBYTE)
            bot = await asyncio.create_subprocess_exec(
                sys.executable,
                __file__,
                "--bot",
                str(path),
                simulator.endpoints.api,
                simulator.appid,
                simulator.world.groups[0].openid,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "QQBOT_SECRET": simulator.secret},
            )
            output, _ = await bot.communicate()
        seconds, grown, total = output.split()
        assert simulator.uploads[-1].size == megabytes * MEBIBYTE
    print(
        f"{megabytes} MiB, {at_once} parts at once: {float(seconds):.2f} s,"
        f" {float(grown):.1f} MiB of RSS more than before, {float(total):.1f} MiB in all"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--bot", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bot:
        path, base, appid, group = options.bot
        asyncio.run(upload(Path(path), base, appid, group))
    else:
        asyncio.run(measure(options.megabytes, options.at_once))


if __name__ == "__main__":
    main()

"""Sockets of the bot where a plugin has used up every file descriptor of the process.

What leaks them is open files, other people's sockets, subprocesses: nothing that a limit on our own
connections could hold back. So some descriptors are out of reach of everybody else: they lie above the soft
limit of the process, which is raised for the moment in which a socket of the bot is made. Descriptors kept
open to be given up in need would be lost at the second reconnect: who leaks takes each one that comes free.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
from typing import TYPE_CHECKING, Any, Final

from qqbot_cli.rest.caller import RUNNING_PLUGIN

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

resource: Any
try:
    import resource
except ImportError:  # Windows, where sockets are not descriptors
    resource = None

logger = logging.getLogger(__name__)

RESERVED: Final = 64
"""Descriptors for the bot alone, where the limit is not so small that they would be an eighth of it."""

_USED_UP: Final = frozenset((errno.EMFILE, errno.ENFILE))


def make_socket(address: AddrInfoType) -> socket.socket:
    """Return a socket for *address*; one for the bot itself even if there is none left for plugins."""
    family, kind, protocol = address[:3]
    try:
        return socket.socket(family, kind, protocol)
    except OSError as exc:
        if exc.errno != errno.EMFILE or resource is None or RUNNING_PLUGIN.get():
            raise
        return _above_the_limit(family, kind, protocol)


def _above_the_limit(family: int, kind: int, protocol: int) -> socket.socket:
    """Return a socket whose descriptor is one of the reserved."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised = soft + RESERVED if hard == resource.RLIM_INFINITY else min(hard, soft + RESERVED)
    logger.warning("all %d file descriptors are in use; something leaks them, or raise ulimit -n", soft)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    try:
        return socket.socket(family, kind, protocol)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def reserve_descriptors() -> None:
    """See to it that something lies above the soft limit; for a process that is a bot and nothing else."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in (soft, hard):
        return
    wanted = hard - min(RESERVED, hard // 8)
    if soft > wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def used_up() -> bool:
    """Whether there is no descriptor left for a file."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as exc:
        return exc.errno in _USED_UP
    return False

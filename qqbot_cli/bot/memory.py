"""How much memory this process has, as the system counts it; without a package for it.

What counts is what is in memory now. The peak, which is all that `getrusage` tells, never falls, and so
never tells that something has been freed.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")
_PROC_PIDTASKINFO: Final = 4
_TASK_INFO_SIZE: Final = 96


def resident_memory() -> int | None:
    """Return the bytes this process keeps in memory, or None where the system does not tell."""
    try:
        return _measure()
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def _of_linux() -> int | None:
    # Virtual size, resident size and more, in pages. Source: proc(5), "/proc/pid/statm".
    return int(_STATM.read_text().split()[1]) * mmap.PAGESIZE


def _of_macos(library: ctypes.CDLL) -> int | None:
    # Source: sys/proc_info.h, `struct proc_taskinfo`: virtual size, resident size and more.
    info = (ctypes.c_uint64 * (_TASK_INFO_SIZE // 8))()
    size = library.proc_pidinfo(os.getpid(), _PROC_PIDTASKINFO, ctypes.c_uint64(0), info, _TASK_INFO_SIZE)
    resident: int = info[1]
    return resident if size == _TASK_INFO_SIZE else None


class _Counters(ctypes.Structure):
    """`PROCESS_MEMORY_COUNTERS`. Source: Microsoft, psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 6),
    )


def _of_windows(library: ctypes.CDLL) -> int | None:
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    # -1 is the handle that every process has for itself.
    told = library.K32GetProcessMemoryInfo(ctypes.c_void_p(-1), ctypes.byref(counters), counters.cb)
    resident: int = counters.WorkingSetSize
    return resident if told else None


def _chosen() -> Callable[[], int | None]:
    # Loaded once and beforehand: where it is needed there may be no file descriptor left to do it with.
    if sys.platform == "win32":
        return partial(_of_windows, ctypes.WinDLL("kernel32"))
    elif sys.platform == "darwin":  # noqa: RET505 - the type checker follows platforms through branches
        return partial(_of_macos, ctypes.CDLL(None))
    else:
        return _of_linux


_measure: Final = _chosen()

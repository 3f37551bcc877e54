"""A lock on a file that the system releases, however the process ends."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """The locked byte; far behind the process number, which others have to be able to read."""

    def take(file: int) -> bool:
        """Lock the open *file* until it is closed; return False if another process has locked it.

        Raises:
            OSError: If its file system has no locks.
        """
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def take(file: int) -> bool:
        """Lock the open *file* until it is closed; return False if another process has locked it.

        Raises:
            OSError: If its file system has no locks.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

"""One process at a time in a folder: a lock that names its holder and ends with it.

The operating system holds the lock, and frees it when the process ends, even by a crash. On some network shares such a
lock counts for one machine only, or does not exist. A small file beside it therefore names the holder, which touches it
every 15 seconds (its heartbeat); a holder on another machine counts as gone once its heartbeat has stopped.
"""

import errno
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from thyrosight.errors import FolderInUseError
from thyrosight.files import json_object, make_folder, output_error, write_json

_LOCK, _HOLDER = ".lock", ".lock.json"
_BEAT = 15.0
"""Seconds between two heartbeats."""
_SILENCE = 60.0
"""Seconds without a heartbeat after which a holder on another machine counts as gone."""
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}

_HELD: set[int | None] = set()
"""Descriptors of the locks that this process holds."""


def _leave_to_parent() -> None:
    """Close the descriptors of the parent's locks: a child that outlives a killed parent must not keep them."""
    for descriptor in _HELD - {None}:
        with suppress(OSError):
            os.close(int(descriptor or 0))
    _HELD.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


@contextmanager
def locked_folder(folder: Path | str, what: str = "study") -> Iterator[None]:
    """Keep other processes out of a folder while the block runs; the folder is made if it is not there.

    The process that starts the work takes the lock; its workers (of a sweep, or of a training on several devices) do
    not ask for it. Of the processes that torchrun or SLURM start together, the first takes it for all.

    After a crash on this machine the lock is free at once. If the last holder ran on another machine and left without a
    word, this waits for its heartbeat for up to a minute.

    Args:
        folder: the folder to lock.
        what: the work that is done there, for the error of a second process.

    Raises:
        FolderInUseError: another process, or another thread of this one, works in the folder. The error names the
            process, its machine and the time of its start.
        OutputError: the folder cannot be written.
    """
    folder = make_folder(Path(folder))
    if _launched_beside_another():
        yield
        return
    lock, holder = FileLock(folder / _LOCK, thread_local=False), folder / _HOLDER
    try:
        locked = _acquire(lock)
    except Timeout:
        raise _in_use(holder) from None
    except OSError as error:
        raise output_error(folder / _LOCK, error) from error
    descriptor = getattr(getattr(lock, "_context", None), "lock_file_fd", None)
    _HELD.add(descriptor)
    try:
        if not locked or json_object(holder).get("host") != platform.node():
            _require_silence(holder)
        since = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
        write_json(holder, {"what": what, "host": platform.node(), "process": os.getpid(), "since": since})
        with _heartbeat(holder):
            yield
    finally:
        _HELD.discard(descriptor)
        with suppress(OSError):  # Windows does not remove a file that is open; it stays there, empty
            (folder / _LOCK).unlink()
        lock.release()


def _acquire(lock: FileLock) -> bool:
    """Take the lock, without waiting for it; False where the file system has no locks."""
    try:
        lock.acquire(timeout=0)
    except NotImplementedError:
        return False
    except OSError as error:
        if isinstance(error, Timeout) or error.errno not in _NO_LOCKS:
            raise
        return False
    return True


@contextmanager
def _heartbeat(holder: Path) -> Iterator[None]:
    """Touch the holder's file again and again while the block runs, and remove it at the end."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT):
            with suppress(OSError):
                os.utime(holder)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        holder.unlink(missing_ok=True)


def _require_silence(holder: Path) -> None:
    """Wait until a holder on another machine has been silent for a minute.

    Raises:
        FolderInUseError: its heartbeat came.
    """
    first, end = _last_beat(holder), time.monotonic() + _SILENCE
    while first is not None and time.monotonic() < end:
        time.sleep(_SILENCE / 60)
        if _last_beat(holder) not in (first, None):
            raise _in_use(holder)


def _last_beat(holder: Path) -> int | None:
    """When the holder's file was last touched; None where there is none."""
    try:
        with holder.open("rb") as stream:  # opening makes a client of a share ask its server
            return os.fstat(stream.fileno()).st_mtime_ns
    except OSError:
        return None


def _in_use(holder: Path) -> FolderInUseError:
    found = json_object(holder)
    who = "another process is working there"
    if found:
        process = f"process {found['process']} on {found['host']}"
        who = f"a {found['what']} has been running there since {found['since']}, as {process}"
    return FolderInUseError(f"{holder.parent} is in use: {who}. Wait until it has ended, or choose another folder.")


def _launched_beside_another() -> bool:
    """Whether torchrun or SLURM started this process together with a first one."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return os.environ.get("RANK", "0") != "0"
    return int(os.environ.get("SLURM_NTASKS", "1")) > 1 and os.environ.get("SLURM_PROCID", "0") != "0"

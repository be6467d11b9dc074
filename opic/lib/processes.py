"""Processes of ours that others depend on: forked, named, and none left behind.

On Linux the kernel kills a child when its parent ends, however it ends. Elsewhere only an orderly
end takes the children along.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
IS_LINUX = sys.platform == "linux"
# loaded once, before anything forks: a child of a process with threads must not load libraries
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None
_forked_by = 0
# what each web worker does first, in its main thread
before_work: list[Callable[[], None]] = []


def begin_work() -> None:
    """Do what this process, a worker of the web server, does before its first request."""
    for begin in before_work:
        begin()


def die_with(parent: int) -> None:
    """Have this process killed when its parent, which has this id, ends. Called by the child."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # it may have ended before the kernel was told
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def end_with_parent() -> None:
    """Have every fork of this process, and every fork of those, die with its parent.

    The kernel forgets the wish at each fork, so each child says it anew.
    """
    os.register_at_fork(before=_note_parent, after_in_child=_follow_parent)


def _note_parent() -> None:
    global _forked_by
    _forked_by = os.getpid()


def _follow_parent() -> None:
    # the kernel means the thread that forked: a passing thread's end must not kill its children
    if threading.current_thread() is threading.main_thread():
        die_with(_forked_by)


def call_this(name: str) -> None:
    """Give this process a name of up to 15 characters, as `ps -o comm` shows it."""
    if _libc is not None:
        _libc.prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def fork(name: str, work: Callable[[], int], *, group: int | None = None) -> int:
    """Run `work` in a child and return its process id; the child exits with what `work` returns.

    `group` 0 makes it the leader of a new process group, None leaves it in its parent's.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        _join_group(pid, group)
        return pid
    _join_group(0, group)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # Ctrl-C reaches a whole terminal; who started us tells us when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    call_this(name)
    code = 1
    try:
        code = work()
    except Exception:
        logger.exception("%s broke", name)
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _join_group(pid: int, group: int | None) -> None:
    """Done on both sides of the fork: whoever comes first."""
    if group is not None:
        with suppress(OSError):
            os.setpgid(pid, group)


def ended_children() -> dict[int, int]:
    """Return process ids and exit codes (negative: the signal) of children that ended since last
    asked.
    """
    ended = {}
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def how_ended(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


def place() -> str:
    """Return where a process id means one process: this kernel, since its boot, in this
    namespace.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def is_group_alive(group: int) -> bool:
    """Return whether any process of the group still runs; one that waits to be reaped does not."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return any(_runs_in(folder, group) for folder in Path("/proc").glob("[0-9]*")) or not IS_LINUX


def _runs_in(folder: Path, group: int) -> bool:
    try:
        # the name in brackets may hold anything: state, parent and group stand behind the last one
        state, _parent, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return False
    return int(its_group) == group and state not in {"Z", "X"}


def signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def signal_process(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_until(is_so: Callable[[], bool], seconds: float, *, every: float = 0.05) -> bool:
    """Look until it is so, or the time is up; on the monotonic clock."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() >= until:
            return False
        time.sleep(every)
    return True

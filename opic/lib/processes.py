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
PR_SET_NO_NEW_PRIVS = 38
IS_LINUX = sys.platform == "linux"
# loaded once, before anything forks: a child of a process with threads must not load libraries
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None
_forked_by = 0
# what each web worker does first, in its main thread
before_work: list[Callable[[], None]] = []


def begin_work() -> None:
    """Run what was put into `before_work`, in a web worker before its first request."""
    for begin in before_work:
        begin()


def die_with(parent: int) -> None:
    """Have this process killed when its parent, which has this id, ends. Called by the child."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # the parent may have ended before `prctl` was called
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def end_with_parent() -> None:
    """Have every fork of this process, and every fork of those, die with its parent.

    The kernel forgets PR_SET_PDEATHSIG at each fork, so each child sets it anew.
    """
    os.register_at_fork(before=_note_parent, after_in_child=_follow_parent)


def _note_parent() -> None:
    global _forked_by
    _forked_by = os.getpid()


def _follow_parent() -> None:
    # the kernel watches the thread that forked: a short-lived one's end must not kill its children
    if threading.current_thread() is threading.main_thread():
        die_with(_forked_by)


def refuse_new_rights() -> None:
    """Have this process and its children never get more rights than it has, whatever they run."""
    if _libc is not None:
        _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def whom_to_follow() -> int:
    """Return our process id, for a child that dies with us; 0 for one that watches its socket.

    The kernel means the thread that forks, and a web server's threads come and go.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return os.getpid() if is_main else 0


def clean_environment(code: Path) -> dict[str, str]:
    """Return an environment with nothing of ours but where the code lies; one thread a library."""
    return {
        "PYTHONPATH": str(code),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


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
    # Ctrl-C reaches every process of a terminal; only the parent decides when this one stops
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
    """Move a process into its group; called on both sides of the fork, whoever comes first."""
    if group is not None:
        with suppress(OSError):
            os.setpgid(pid, group)


def ended_children() -> dict[int, int]:
    """Return exit codes by process id, of children that ended since the last call.

    A negative code is the signal that ended it.
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
    """Return in words how a process ended, by its exit code."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


def place() -> str:
    """Return where a process id means one process, as text that two hosts never share.

    It names this kernel since its boot and the process namespace; empty where they cannot be read.
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
    """Send a signal to every process of a group; one that is gone is no error."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def signal_process(pid: int, number: int) -> None:
    """Send a signal to a process; one that is gone is no error."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_until(is_so: Callable[[], bool], seconds: float, *, every: float = 0.05) -> bool:
    """Wait until a condition holds, on the monotonic clock; return False when the time is up."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() >= until:
            return False
        time.sleep(every)
    return True

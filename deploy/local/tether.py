"""`python tether.py PARENT COMMAND …` becomes COMMAND, which ends when the process that started it ends, also when that was killed with -9.

A program of its own, since a hook between fork and exec may deadlock where there are threads. Only Linux can do this; elsewhere
a supervisor that is killed leaves its children behind.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _die_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the supervisor has gone already")


if __name__ == "__main__":
    if sys.platform == "linux":
        _die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (the command is the supervisor's own)

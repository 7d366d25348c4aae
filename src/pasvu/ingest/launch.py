"""Becomes a media tool that dies with whoever started it; run as a script, before anything of the product is imported.

Usage: `launch.py PARENT_PID PROGRAM ARGUMENTS…`. This is also the place where a jail closes around the tool:
whatever is forbidden here is forbidden before the first byte of a received file is read.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9
NICE = 5
LOST = 125


def main() -> None:
    """Ask the kernel to kill us with our parent, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    # The parent may have died before the line above: nobody would be told then.
    if os.getppid() != parent:
        sys.exit(LOST)
    # A crash of a decoder must not leave a picture of someone's recording on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The panel stays quick while a film is being made.
    os.nice(NICE)
    os.execv(program[0], program)  # noqa: S606 - a program and its arguments, never a shell


if __name__ == "__main__":
    main()

"""Becomes a media tool in its jail, that dies with whoever started it; run as a script, before anything is imported.

Usage: `launch.py PARENT_PID WORD… -- PROGRAM ARGUMENTS…`. The words come from `jail.words`; what they forbid is
forbidden before the first byte of a received file is read. Exit code 125 and a line that starts with `jail:` say
that it did not close.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_RULE_PATH_BENEATH, LANDLOCK_RULE_NET_PORT = 1, 2
LANDLOCK_ACCESS_NET_CONNECT_TCP = 1 << 1
SIGKILL = 9
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
NICE = 5
LOST = 125


class Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`: what is forbidden unless a rule allows it."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`: what is allowed on a file, or under a folder."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32))


class NetPort(ctypes.Structure):
    """`struct landlock_net_port_attr`: what is allowed on a TCP port."""

    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


class Program(ctypes.Structure):
    """`struct sock_fprog`: a filter of system calls."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def main() -> None:
    """Ask the kernel to kill us with our parent, close the jail, then become the program."""
    parent, after = int(sys.argv[1]), sys.argv.index("--", 2)
    words, program = sys.argv[2:after], sys.argv[after + 1 :]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    # The parent may have died before the line above: nobody would be told then.
    if os.getppid() != parent:
        sys.exit(LOST)
    # The panel stays quick while a film is being made.
    os.nice(NICE)
    try:
        close([word.split("=", 2) for word in words])
    except (OSError, ValueError) as error:
        # Fail closed: better no film than a decoder at large.
        sys.stderr.write(f"jail: {error}\n")
        sys.exit(LOST)
    # And while the jail closed: a network of its own makes the kernel forget whom we die with, for an instant.
    if os.getppid() != parent:
        sys.exit(LOST)
    os.execv(program[0], program)  # noqa: S606 - a program and its arguments, never a shell


def close(words: list[list[str]]) -> None:
    """Do what the words say: limits, then files, then system calls, each harder to come back from.

    Raises:
        OSError: the kernel refused one of them.
    """
    for kind, *rest in words:
        if kind == "limit":
            limit(getattr(resource, rest[0]), int(rest[1]))
    for kind, *rest in words:
        if kind == "apart":
            stand_apart(int(rest[0]), int(rest[1]))
    rules = next((rest[0] for kind, *rest in words if kind == "rules"), None)
    program = next((rest[0] for kind, *rest in words if kind == "filter"), None)
    if rules is None and program is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    # Nothing started from here gains rights by a set-user-id program; both kinds of rules ask for it.
    done(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if rules is not None:
        wanted = [(rest[1], int(rest[0])) for kind, *rest in words if kind == "allow"]
        ports = [int(rest[0]) for kind, *rest in words if kind == "port"]
        close_files(libc, Ruleset(*map(int, rules.split(","))), wanted, ports)
    if program is not None:
        code = bytes.fromhex(program)
        loaded = Program(len(code) // 8, code)
        done(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(loaded), 0, 0), "seccomp")


def stand_apart(port: int, handover: int) -> None:
    """From here on there is no network but our own loopback; whoever listens there is handed over to our parent.

    For kernels whose Landlock knows no ports. https://man7.org/linux/man-pages/man7/network_namespaces.7.html
    """
    # Imported here: few tools have a network, and each of the many starts would wait for these.
    import fcntl
    import socket
    import struct

    libc = ctypes.CDLL(None, use_errno=True)
    done(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), "namespaces")
    # Forgotten by the kernel when a process changes what it may do.
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        asked = bytearray(struct.pack("16sH22x", b"lo", 0))
        fcntl.ioctl(line, SIOCGIFFLAGS, asked)
        (flags,) = struct.unpack_from("H", asked, 16)
        struct.pack_into("H", asked, 16, flags | IFF_UP)
        fcntl.ioctl(line, SIOCSIFFLAGS, asked)
    with socket.create_server(("127.0.0.1", port), backlog=64) as server, socket.socket(fileno=handover) as parent:
        socket.send_fds(parent, [b"x"], [server.fileno()])


def limit(which: int, wanted: int) -> None:
    """Set a limit, never above the one that we were given."""
    hard = resource.getrlimit(which)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    last = value
    if which == resource.RLIMIT_CPU:
        # A signal at the first limit says why it ends; reached at once, the second would be a plain kill.
        last = value + 5 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(which, (value, last))


def close_files(libc: ctypes.CDLL, ruleset: Ruleset, wanted: list[tuple[str, int]], ports: list[int]) -> None:
    """From here on no file but the wanted ones (path, rights) can be opened, and no port but those reached."""
    # An older kernel knows a shorter form of the rules; what it does not know is zero in it.
    size = 24 if ruleset.scoped else 16 if ruleset.net else 8
    rules = done(libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), 0), "landlock")
    for path, rights in wanted:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = PathBeneath(rights, fd)
        done(libc.syscall(LANDLOCK_ADD_RULE, rules, LANDLOCK_RULE_PATH_BENEATH, ctypes.byref(rule), 0), path)
        os.close(fd)
    for port in ports:
        if not ruleset.net:
            # A kernel that knows no ports would leave them all open.
            raise OSError(0, "this kernel closes no ports", str(port))
        reached = NetPort(LANDLOCK_ACCESS_NET_CONNECT_TCP, port)
        done(libc.syscall(LANDLOCK_ADD_RULE, rules, LANDLOCK_RULE_NET_PORT, ctypes.byref(reached), 0), str(port))
    done(libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0), "landlock")
    os.close(rules)


def done(result: int, what: str) -> int:
    """The result of a call of the C library; an error when it failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result


if __name__ == "__main__":
    main()

"""Which system calls a tool in the jail may make: tables for each machine, and the filter made of them. Pure.

seccomp: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import struct

_Instruction = tuple[int, int, int, int]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""As the kernel names them to a filter (AUDIT_ARCH_…); another one is another table of numbers."""
_FORBIDDEN = {
    # The network, even towards this machine.
    "socket": (41, 198), "socketpair": (53, 199),
    # Other processes' memory.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # What most holes of the kernel itself are reached by.
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "personality": (135, 92), "syslog": (103, 116), "iopl": (172,), "ioperm": (173,),
    "modify_ldt": (154,),
    # Ways around the rules on files.
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    # What Landlock lets pass: the length (before version 3), rights, dates and labels of files that it guards.
    "truncate": (76, 45), "chmod": (90,), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92,), "lchown": (94,), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132,), "utimes": (235,),
    "futimesat": (261,), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    # The machine itself, for a product that is run as root.
    "acct": (163, 89), "quotactl": (179, 60), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171),
}  # fmt: skip
"""Numbers on x86-64 and on AArch64, which never had those with one number only."""
_ABSENT = {"clone3": (435, 435), "openat2": (437, 437)}
"""Their arguments lie in memory, where a filter cannot look; C libraries then use the older calls."""
_CLONE, _OPEN, _OPENAT = (56, 220), (2,), (257, 56)
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS … CLONE_NEWNET
_O_ACCMODE, _O_TRUNC = 0o3, 0o1000
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_AT = 0, 4, 16


def filter_program(machine: str, *, tcp: bool = False) -> bytes:
    """The filter of system calls for this machine, as the kernel's BPF reads it (`struct sock_filter[]`).

    With `tcp`, sockets of TCP may be made; Landlock says which port they reach.
    """
    which = list(ARCHITECTURES).index(machine)
    # A call by the numbers of another architecture would be judged by the wrong table.
    program = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    program += [(_LOAD, 0, 0, _NUMBER_AT)]
    if machine == "x86_64":  # x32, the same numbers from here on
        program += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]
    if tcp:
        program += _on(_FORBIDDEN["socket"][which], 0, _tcp_only())
    for table, code in ((_FORBIDDEN, _EPERM), (_ABSENT, _ENOSYS)):
        for name, numbers in table.items():
            for number in () if tcp and name == "socket" else numbers[which : which + 1]:
                program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | code)]
    namespaces = [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    program += _on(_CLONE[which], 0, namespaces)
    # Emptied though only opened to be read: Landlock sees that from version 3 (Linux 6.2) on.
    emptied = [
        (_AND, 0, 0, _O_ACCMODE | _O_TRUNC),
        (_EQUAL, 0, 1, _O_TRUNC),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
    ]
    for numbers, place in ((_OPEN, 1), (_OPENAT, 2)):
        for number in numbers[which : which + 1]:
            program += _on(number, place, emptied)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _on(number: int, argument: int, then: list[_Instruction]) -> list[_Instruction]:
    """For one system call, look at the low half of an argument; whatever `then` lets through is allowed."""
    inside = [(_LOAD, 0, 0, _FIRST_AT + 8 * argument), *then, (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(inside), number), *inside]


def _tcp_only() -> list[_Instruction]:
    """Lets through IPv4 and IPv6 (`AF_INET`, `AF_INET6`) with `SOCK_STREAM` and no protocol but TCP."""
    refuse = (_RETURN, 0, 0, _REFUSE | _EPERM)
    family = [(_EQUAL, 2, 0, 2), (_EQUAL, 1, 0, 10), refuse]
    # The upper bits of the type are flags: close on exec, non-blocking.
    kind = [(_LOAD, 0, 0, _FIRST_AT + 8), (_AND, 0, 0, 0xF), (_EQUAL, 1, 0, 1), refuse]
    protocol = [(_LOAD, 0, 0, _FIRST_AT + 16), (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, 6), refuse]
    return [*family, *kind, *protocol]

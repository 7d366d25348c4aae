"""Why a media tool ended badly, as sentences: the disk, the memory, the time, the jail, or the file itself."""

from __future__ import annotations

import logging
import shlex
import signal
from collections.abc import Sequence

from pasvu.channel.errors import NoRoom, PasVuError
from pasvu.channel.typography import marked
from pasvu.ingest import jail

log = logging.getLogger(__name__)

_NOT_JAILED = 125
_FULL = ("No space left on device", "Disk quota exceeded")
_TOO_LARGE = "File too large"
_NO_MEMORY = ("Cannot allocate memory", "Out of memory", "std::bad_alloc", "MemoryError")
STUCK = marked(
    "Le travail sur « {file} » {how} ; il a été arrêté. Le fichier est peut-être abîmé : "
    "relancez l’opération, ou exportez-le à nouveau."
)
TOO_LONG, STILL = marked("a dépassé le temps prévu"), marked("n’avance plus")


class ToolFailed(PasVuError):
    """A media tool failed; `detail` holds its own last words and the command, for the one who repairs."""

    def __init__(self, sentence: str, detail: str, **about: object) -> None:
        super().__init__(sentence, **about)
        self.detail = detail


class NotJailed(PasVuError):
    """The jail did not close around a tool, so it was not started; nothing was read or written."""


def failure_of(code: int, tail: Sequence[str], command: Sequence[str], subject: str) -> PasVuError:
    """The error for an exit code, by the last words of the tool."""
    said = "\n".join(tail)
    if any(words in said for words in _FULL):
        return NoRoom(
            "Le disque est plein : le travail sur « {file} » s’est arrêté. L’enregistrement est intact ; "
            "libérez de la place et le travail reprendra.",
            file=subject,
        )
    detail = f"exit code {code}\n{said}\n{shlex.join(command)}"
    if code == _NOT_JAILED and tail and tail[-1].startswith("jail:"):
        log.error("the jail did not close: %s", tail[-1])
        return NotJailed(
            "L’outil vidéo n’a pas pu être enfermé : le travail sur « {file} » n’a pas commencé, rien n’est perdu. "
            "Lancez « pasvu check », puis relancez l’opération ({why}).",
            file=subject,
            why=tail[-1].removeprefix("jail:").strip(),
        )
    if any(words in said for words in _NO_MEMORY):
        return ToolFailed(
            "« {file} » demande plus de mémoire que ce qui est permis ({gib} Gio) : le travail a été arrêté. "
            "Le fichier est peut-être abîmé ou piégé : exportez-le à nouveau en MP4 (H.264 et AAC).",
            detail,
            file=subject,
            gib=jail.memory() // jail.GIB,
        )
    if _TOO_LARGE in said:
        return ToolFailed(
            "Le résultat du travail sur « {file} » est devenu bien plus gros que prévu : il a été arrêté. "
            "Le fichier est peut-être abîmé : exportez-le à nouveau. "
            "(Un disque au format FAT32 ne prend rien au-delà de 4 Gio.)",
            detail,
            file=subject,
        )
    if code == -signal.SIGXCPU:
        return ToolFailed(STUCK, detail, file=subject, how=TOO_LONG)
    if code < 0:
        return ToolFailed(
            "L’outil vidéo a été arrêté brutalement pendant le travail sur « {file} » (signal {signal}). "
            "Relancez l’opération ; si cela se répète, la mémoire de la machine est peut-être trop petite.",
            detail,
            file=subject,
            signal=-code,
        )
    return ToolFailed(
        "L’outil vidéo n’est pas venu à bout de « {file} ». Le fichier est peut-être abîmé : "
        "vérifiez qu’il se lit, ou exportez-le à nouveau.",
        detail,
        file=subject,
    )

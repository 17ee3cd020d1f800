"""What a person wrote in an answer, without the letter they answer to."""

from __future__ import annotations

import re

# The line above what is quoted, as mail programs of several languages write it.
_INTRO = re.compile(
    r"^\s*(>\s*)?("
    r"(on|em|no dia|el|le|am)\b.{3,200}"
    r"(wrote|escreveu|escribi[oó]|a écrit|schrieb)\s*:?"
    r"|.{3,120}(wrote|escreveu)\s*:"
    r"|-{3,}\s*(original message|mensagem original|mensaje original|forwarded message|"
    r"mensagem encaminhada)\s*-{3,}"
    r"|_{10,}"
    r")\s*$",
    re.IGNORECASE,
)
# Outlook: a block of headers.
_FROM = re.compile(r"^\s*\*?(from|de|von)\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"^\s*\*?(sent|date|to|enviad[ao]( em)?|data|para|subject|assunto)\s*:",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(--|—|sent from my \w.*|"
    r"enviado (do|de|a partir do) (meu|minha|Yahoo|Outlook).*|"
    r"get outlook for \w+.*|obter o outlook para \w+.*|baixe o outlook.*)\s*$",
    re.IGNORECASE,
)
MAX_LENGTH = 10000


def own_words(text: str) -> str:
    """Return the answer alone; a letter that is nothing but a quotation stays whole.

    >>> own_words("Quero sim!\\n\\nEm qua., 11 de mar. de 2026, Veloc escreveu:\\n> Oi")
    'Quero sim!'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = []
    for index, line in enumerate(lines):
        if _begins_quotation(lines, index):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    found = "\n".join(_without_signature(kept)).strip()
    found = re.sub(r"\n{3,}", "\n\n", found)
    return (found or text.strip())[:MAX_LENGTH]


def _begins_quotation(lines: list[str], index: int) -> bool:
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else ""
    # A long first line is broken in two by the sender's program.
    if _INTRO.match(line) or (
        line.strip()
        and _INTRO.match(f"{line.rstrip()} {following.strip()}")
        and re.match(r"\s*(on|em|no dia|el|le|am)\b", line, re.IGNORECASE)
    ):
        return True
    near = lines[index + 1 : index + 4]
    return bool(_FROM.match(line)) and any(map(_SENT.match, near))


def _without_signature(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if _SIGNATURE.match(line) and any(kept.strip() for kept in lines[:index]):
            return lines[:index]
    return lines

"""What a mail server means: RFC 3463 status codes, as servers really use them."""

from __future__ import annotations

import re

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")

_ADDRESS = re.compile(r"<?[^\s<>;:,()]+@[^\s<>;:,()]+>?:?")

# The address is dead: nothing will ever arrive there.
DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})

# Servers that say 5.0.0 or 5.7.1 and mean something else, in their own words.
_WORDS = [
    (
        "5.1.1",
        re.compile(
            r"user unknown|unknown user|no such (user|recipient|mailbox|address)|"
            r"does(n't| not) (exist|have an? \S+ account)|user not found|"
            r"mailbox (unavailable|not found)|recipient (address )?(rejected: )?"
            r"(unknown|not found)|invalid (recipient|mailbox)|unrouteable address|"
            r"address (unknown|not found)|not a valid (mailbox|recipient)|"
            r"account (is |has been )?(disabled|closed)|"
            r"(usu[aá]rio|destinat[aá]rio|caixa postal) (desconhecid|inexistente|inv)",
            re.IGNORECASE,
        ),
    ),
    (
        "5.2.2",
        re.compile(
            r"mailbox (is )?full|over ?quota|quota (exceeded|full)|out of storage|"
            r"exceeded (the )?storage|insufficient (system )?storage|"
            r"caixa .{0,12}cheia",
            re.IGNORECASE,
        ),
    ),
    (
        "5.7.1",
        re.compile(
            r"spam|blacklist|blocklist|block list|rejected .{0,20}(content|policy)|"
            r"dmarc|spf|reputation|unsolicited|junk",
            re.IGNORECASE,
        ),
    ),
]
_VAGUE = {"5.0.0", "5.7.1", "5.5.0", "5.3.0", "5.1.0", "5.4.1", "5.0.1"}


def status_of(text: str, given: str = "") -> str:
    """Return the status code of an answer; "" when it tells nothing.

    ``given`` is the code of the report itself. Where it is vague, words decide.

    >>> status_of("550-5.1.1 The email account that you tried to reach does not exist")
    '5.1.1'
    >>> status_of("554 delivery error: This user doesn't have a yahoo.com account")
    '5.1.1'
    """
    code = _clean(given) or _clean(text) or _from_basic(text)
    if code[:1] == "4" or (code and code not in _VAGUE):
        return code
    return next((found for found, words in _WORDS if words.search(text)), code)


def code_of(status: str) -> int | None:
    """Return a status as the number that tables know it by.

    >>> code_of("5.1.1"), code_of("5.7.520"), code_of("")
    (5001001, 5007520, None)
    """
    match = _ENHANCED.fullmatch(status)
    if not match:
        return None
    first, subject, detail = map(int, match.groups())
    return first * 1_000_000 + subject * 1000 + detail


def generic(status: str) -> int:
    """Return the code of "no reason given": final unless the server said 4.

    >>> generic("5.3.7"), generic("4.9.9"), generic("")
    (5000000, 4000000, 5000000)
    """
    return 4_000_000 if status[:1] == "4" else 5_000_000


def is_dead(status: str) -> bool:
    """Return whether the address itself is gone, not just this e-mail refused."""
    return status in DEAD


def without_addresses(text: str) -> str:
    """Return an answer without the addresses servers like to repeat in it.

    >>> without_addresses("550 5.1.1 <ana@x.example>: user unknown")
    '550 5.1.1 user unknown'
    """
    return " ".join(_ADDRESS.sub(" ", text).split())[:200]


def _clean(text: str) -> str:
    match = _ENHANCED.search(text or "")
    return ".".join(str(int(part)) for part in match.groups()) if match else ""


def _from_basic(text: str) -> str:
    match = _BASIC.search(text or "")
    return f"{match[1][0]}.0.0" if match else ""

"""The ways one Brazilian mobile number is written down.

Mobile numbers got a ninth digit between 2012 and 2016; WhatsApp still knows many old
accounts without it. Land lines (first digit 2 to 5) never got one.
"""

from __future__ import annotations

import re

_OLD = re.compile(r"\+55(\d\d)([6-9]\d{7})")
_NEW = re.compile(r"\+55(\d\d)9([6-9]\d{7})")


def variants(number: str) -> tuple[str, ...]:
    """Return the number in E.164 and, for a Brazilian mobile, its other spelling.

    >>> variants("whatsapp:+551161234567")
    ('+551161234567', '+5511961234567')
    """
    number = number.rpartition(":")[2].strip()
    # Only what is digits throughout: an e-mail address may begin with one.
    if number.isascii() and number.isdigit():
        number = f"+{number}"
    if found := _NEW.fullmatch(number):
        return number, f"+55{found[1]}{found[2]}"
    if found := _OLD.fullmatch(number):
        return number, f"+55{found[1]}9{found[2]}"
    return (number,) if number else ()

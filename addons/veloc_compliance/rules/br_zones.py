"""Where in Brazil is this person? Zone and state from what little is known."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_ZONE = "America/Sao_Paulo"

# The capital's zone; the west of Amazonas and Fernando de Noronha differ.
ZONES = {
    "AC": "America/Rio_Branco",
    "AL": "America/Maceio",
    "AM": "America/Manaus",
    "AP": "America/Belem",
    "BA": "America/Bahia",
    "CE": "America/Fortaleza",
    "DF": "America/Sao_Paulo",
    "ES": "America/Sao_Paulo",
    "GO": "America/Sao_Paulo",
    "MA": "America/Fortaleza",
    "MG": "America/Sao_Paulo",
    "MS": "America/Campo_Grande",
    "MT": "America/Cuiaba",
    "PA": "America/Belem",
    "PB": "America/Fortaleza",
    "PE": "America/Recife",
    "PI": "America/Fortaleza",
    "PR": "America/Sao_Paulo",
    "RJ": "America/Sao_Paulo",
    "RN": "America/Fortaleza",
    "RO": "America/Porto_Velho",
    "RR": "America/Boa_Vista",
    "RS": "America/Sao_Paulo",
    "SC": "America/Sao_Paulo",
    "SE": "America/Maceio",
    "SP": "America/Sao_Paulo",
    "TO": "America/Araguaina",
}

# Anatel's area codes. 61 reaches into Goiás, which keeps the same time.
AREA_CODES = {
    "SP": "11 12 13 14 15 16 17 18 19",
    "RJ": "21 22 24",
    "ES": "27 28",
    "MG": "31 32 33 34 35 37 38",
    "PR": "41 42 43 44 45 46",
    "SC": "47 48 49",
    "RS": "51 53 54 55",
    "DF": "61",
    "GO": "62 64",
    "TO": "63",
    "MT": "65 66",
    "MS": "67",
    "AC": "68",
    "RO": "69",
    "BA": "71 73 74 75 77",
    "SE": "79",
    "PE": "81 87",
    "AL": "82",
    "PB": "83",
    "RN": "84",
    "CE": "85 88",
    "PI": "86 89",
    "PA": "91 93 94",
    "AM": "92 97",
    "RR": "95",
    "AP": "96",
    "MA": "98 99",
}
STATE_OF_AREA = {code: uf for uf, codes in AREA_CODES.items() for code in codes.split()}

_BR_NUMBER = re.compile(r"\+55(\d\d)\d{8,9}")


def state_of_phone(phone: str | None) -> str | None:
    """Return the state (UF) of a Brazilian number in E.164, else None."""
    match = _BR_NUMBER.fullmatch(phone or "")
    return STATE_OF_AREA.get(match[1]) if match else None


@cache
def is_zone(name: str | None) -> bool:
    """Return whether ``name`` is a zone the system knows."""
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def state_of(uf: str | None, phone: str | None) -> str | None:
    """Return the person's state: the one written down, else that of the phone."""
    return uf if uf in ZONES else state_of_phone(phone)


def zone_of(zone: str | None, uf: str | None, phone: str | None) -> str:
    """Return the person's IANA zone; the most specific thing known decides."""
    if zone and is_zone(zone):
        return zone
    return ZONES.get(state_of(uf, phone) or "", DEFAULT_ZONE)

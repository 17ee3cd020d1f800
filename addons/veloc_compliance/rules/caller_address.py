"""Which address counts as one caller when tries are counted."""

import ipaddress

# A subscriber gets a whole IPv6 network and may use a new address for each try.
IPV6_PREFIX = 64


def bucket_of(address: str | None) -> str:
    """Return what to count by: an IPv4 address, an IPv6 network, "" if unknown."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))


def masked(login: str) -> str:
    """Return a hint of what was typed as a name that nobody here has.

    People type their password there; the log must not keep it.
    """
    return f"{login[:2]}…" if len(login) > 4 else "…"

"""Statements put together from pieces; values never become text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL with ``%s`` for each of ``params``."""

    code: str
    params: tuple = ()


def sql(template, *args):
    """Return a piece: each ``%s`` takes a piece or, if it is none, a value."""
    parts = template.split("%s")
    if len(parts) != len(args) + 1:
        raise ValueError(f"{len(args)} values for {template!r}")
    code, params = [parts[0]], []
    for arg, rest in zip(args, parts[1:], strict=True):
        is_piece = isinstance(arg, Piece)
        code.append(arg.code if is_piece else "%s")
        params += arg.params if is_piece else (arg,)
        code.append(rest)
    return Piece("".join(code), tuple(params))


def join(separator, pieces):
    """Return the pieces with ``separator`` between them."""
    pieces = list(pieces)
    return Piece(
        separator.join(piece.code for piece in pieces),
        tuple(param for piece in pieces for param in piece.params),
    )

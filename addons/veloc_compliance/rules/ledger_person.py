"""One person's entries with the proofs that they stand in the ledger."""

from collections.abc import Iterable, Mapping

from .ledger_entry import Entry, canonical
from .ledger_head import Head

FORMAT = "veloc-ledger-person/1"


def prepare_file(
    head: Head,
    entries: Iterable[tuple[int, Entry]],
    proofs: Mapping[int, list[bytes]],
    opened: Mapping[int, str],
) -> str:
    """Return the file: the head, and per entry its position, bytes and proof.

    ``opened`` are the secrets in clear by entry id; they help the reader, and prove
    nothing: the proof is about the sealed text.
    """
    # The bytes that were hashed stand in the file as they are.
    lines = []
    for position, entry in entries:
        hashes = ",".join(f'"{hash_.hex()}"' for hash_ in proofs[position])
        told = opened.get(entry.id) or "null"
        lines.append(
            f'{{"position":{position},"entry":{canonical(entry).decode("ascii")},'
            f'"proof":[{hashes}],"opened":{told}}}'
        )
    body = ",\n".join(lines)
    return f'{{"format":"{FORMAT}",\n"head":{head.line()},\n"entries":[\n{body}\n]}}\n'

"""People named in a file or in a pasted list, one a line."""

import csv
import io
from dataclasses import dataclass

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Named:
    """One line that names somebody."""

    line: int
    text: str


def read_list(text):
    """Return the first filled cell of each line, header and blank lines left out."""
    text = text.removeprefix("\ufeff")
    sample = text[:2_000]
    delimiter = max(";,\t", key=sample.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    found = []
    for number, row in enumerate(rows, 1):
        cell = next((cell.strip() for cell in row if cell.strip()), "")
        if cell and not (number == 1 and cell.lower() in HEADERS):
            found.append(Named(number, cell))
    return found[:MOST_ROWS]


HEADERS = frozenset(
    {
        "ref",
        "reference",
        "referência",
        "referencia",
        "id",
        "email",
        "e-mail",
        "phone",
        "telefone",
        "celular",
        "cpf",
        "trader",
        "cliente",
    }
)

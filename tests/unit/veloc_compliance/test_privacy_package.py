import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.privacy_package import (
    DATA_FILE,
    MANIFEST,
    DamagedError,
    from_csv,
    pack,
    to_csv,
    unpack,
)

ABOUT = {"number": "2026-ABCD-EFGH"}
DATA = {
    "identity": {
        "res.partner": [{"id": 7, "name": 'João; "o Rápido"\nda Silva', "vat": None}]
    },
    "trading": {"veloc.trader": []},
}
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2),
)
rows = st.lists(
    st.fixed_dictionaries({"id": st.integers(), "name": values, "é": values}),
    min_size=1,
    max_size=4,
)


@given(rows)
def test_a_csv_gives_back_exactly_what_went_in(table):
    assert from_csv(to_csv(table)) == table


def test_no_rows_are_no_rows():
    assert from_csv(to_csv([])) == []


def test_a_package_gives_back_the_data_and_holds_tables_for_other_programs():
    content = pack(ABOUT, DATA, {"declaration.pdf": b"%PDF-"})
    assert unpack(content) == {"about": ABOUT, "data": DATA}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        table = from_csv(archive.read("csv/identity.res.partner.csv"))
    assert names == {
        DATA_FILE,
        MANIFEST,
        "declaration.pdf",
        "csv/identity.res.partner.csv",
    }
    assert table == DATA["identity"]["res.partner"]


def test_the_same_data_are_the_same_bytes():
    assert pack(ABOUT, DATA, {}) == pack(ABOUT, DATA, {})


def _repacked(content, change):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def _edit(files):
    data = json.loads(files[DATA_FILE])
    data["data"]["identity"]["res.partner"][0]["name"] = "Maria"
    files[DATA_FILE] = json.dumps(data).encode()


@pytest.mark.parametrize(
    "change",
    [
        _edit,
        lambda files: files.pop(DATA_FILE),
        lambda files: files.pop(MANIFEST),
        lambda files: files.update(extra=b"x"),
    ],
)
def test_a_package_that_was_changed_is_refused(change):
    with pytest.raises(DamagedError):
        unpack(_repacked(pack(ABOUT, DATA, {}), change))


def test_what_is_no_package_is_refused():
    with pytest.raises(DamagedError):
        unpack(b"PK nothing")

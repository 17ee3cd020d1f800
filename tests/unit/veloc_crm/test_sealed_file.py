"""Files that open only whole, unchanged and with their own key."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import sealed_file
from odoo.addons.veloc_crm.rules.sealed_file import (
    CannotOpen,
    SealedReader,
    SealedWriter,
)

KEY = bytes(range(32))
SIZES = [0, 1, 63, 64, 65, 128, 129, 1000]


@pytest.fixture(autouse=True)
def _small_frames(monkeypatch):
    monkeypatch.setattr(sealed_file, "FRAME", 64)
    monkeypatch.setattr(sealed_file, "_SEALED", 64 + 16)


def sealed(content, key=KEY):
    file = io.BytesIO()
    with SealedWriter(file, key) as writer:
        for start in range(0, len(content), 50):
            writer.write(content[start : start + 50])
        assert writer.tell() == len(content)
    return file.getvalue()


def content_of(size):
    return bytes(n % 251 for n in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(size):
    content = content_of(size)
    assert SealedReader(io.BytesIO(sealed(content)), KEY).read() == content


@given(st.integers(0, 300), st.integers(0, 320), st.integers(0, 200))
def test_any_part_can_be_read(size, start, length):
    content = content_of(size)
    reader = io.BufferedReader(SealedReader(io.BytesIO(sealed(content)), KEY))
    reader.seek(start)
    assert reader.read(length) == content[start : start + length]


def test_the_content_cannot_be_seen_in_the_file():
    assert b"ana@example.com" not in sealed(b"ana@example.com" * 20)


@pytest.mark.parametrize("position", [9, 40, 100, 200, -1])
def test_a_changed_byte_is_noticed(position):
    file = bytearray(sealed(content_of(200)))
    file[position] ^= 1
    with pytest.raises(CannotOpen):
        SealedReader(io.BytesIO(bytes(file)), KEY).readall()


@pytest.mark.parametrize("keep", [8, 20, 8 + 80, 8 + 160, 8 + 170])
def test_a_file_that_was_cut_off_is_noticed(keep):
    with pytest.raises(CannotOpen):
        SealedReader(io.BytesIO(sealed(content_of(200))[:keep]), KEY).readall()


def test_frames_that_changed_places_are_noticed():
    file = sealed(content_of(200))
    swapped = file[:8] + file[88:168] + file[8:88] + file[168:]
    with pytest.raises(CannotOpen):
        SealedReader(io.BytesIO(swapped), KEY).readall()


def test_another_key_opens_nothing():
    with pytest.raises(CannotOpen):
        SealedReader(io.BytesIO(sealed(b"x")), bytes(32)).readall()


def test_another_file_is_none_of_ours():
    with pytest.raises(CannotOpen):
        SealedReader(io.BytesIO(b"PAR1" + bytes(100)), KEY)

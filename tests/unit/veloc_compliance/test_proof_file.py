"""What a file is, is told by its bytes; what it is called harms nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import proof_file


@pytest.mark.parametrize(
    ("start", "mimetype"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n..", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
    ],
)
def test_documents_and_pictures_are_taken(start, mimetype):
    assert proof_file.file_type(start).mimetype == mimetype


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90", b"PK\x03\x04", b"<html>", b"<svg xmlns=", b"RIFF....AVI "],
)
def test_programs_archives_and_pages_are_not(content):
    assert proof_file.file_type(content) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("rg.pdf", "rg.pdf"),
        ("C:\\fotos\\rg frente.PDF", "rg frente.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ('a"b\r\nc', "a_b__c.pdf"),
        ("página.exe", "página.exe.pdf"),
        ("..", "proof.pdf"),
    ],
)
def test_a_file_is_called_what_it_is(name, kept):
    assert proof_file.tidy_name(name, "pdf") == kept


@given(st.text(max_size=200))
def test_no_name_breaks_a_header_or_a_folder(name):
    tidy = proof_file.tidy_name(name, "png")
    assert tidy.lower().endswith(".png")
    assert not set(tidy) & set('/\\"\r\n\0:;')
    assert len(tidy) < 100

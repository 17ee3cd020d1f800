"""A person's key opens what it sealed, where it was sealed, and nothing else."""

import pytest

from odoo.addons.veloc_compliance.rules.field_cipher import CannotOpen
from odoo.addons.veloc_compliance.rules.subject_key import SubjectKey, new_key


def test_a_persons_key_opens_what_it_sealed():
    key = SubjectKey(1, new_key())
    assert key.open("entry|5", key.seal("entry|5", b"before")) == b"before"


def test_without_the_key_nothing_opens():
    sealed = SubjectKey(1, new_key()).seal("entry|5", b"before")
    with pytest.raises(CannotOpen):
        SubjectKey(1, new_key()).open("entry|5", sealed)


def test_an_entry_moved_elsewhere_does_not_open():
    key = SubjectKey(1, new_key())
    with pytest.raises(CannotOpen):
        key.open("entry|6", key.seal("entry|5", b"before"))


def test_what_is_not_base64_does_not_open():
    with pytest.raises(CannotOpen):
        SubjectKey(1, new_key()).open("entry|6", "%")


def test_a_key_never_shows_in_a_log():
    assert repr(SubjectKey(1, b"s" * 32)) == "SubjectKey(id=1)"

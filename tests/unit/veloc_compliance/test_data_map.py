import pytest

from odoo.addons.veloc_compliance.rules import data_map_sources
from odoo.addons.veloc_compliance.rules.data_map import (
    DATA_CLASSES,
    Source,
    doubles,
    impersonal,
    impersonal_models,
    mapped_fields,
    source,
)

PERSON = source("res.partner", "id", "name email", "identity", "blank")


def test_names_are_written_with_spaces_between():
    assert PERSON.fields == ("name", "email")
    assert PERSON.is_personal


@pytest.mark.parametrize(
    ("data_class", "on_erasure", "reason"),
    [
        ("identity", "forget", ""),
        ("gossip", "blank", ""),
        ("identity", "keep", ""),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(data_class, on_erasure, reason):
    with pytest.raises(ValueError, match=r"res\.partner"):
        Source("res.partner", "id", ("x",), data_class, on_erasure, reason=reason)


@pytest.mark.parametrize("data_class", DATA_CLASSES)
def test_every_class_can_be_kept_for_a_reason(data_class):
    kept = Source("m", "id", ("x",), data_class, "keep", reason="law 9,613 art. 10")
    assert kept.reason


def test_rows_found_by_an_address_are_personal_too():
    assert Source("m", "", ("x",), "contact", "delete", by_value="x").is_personal
    assert not Source("m", "", ("x",), "contact", "delete").is_personal


def test_the_fields_of_a_model_are_gathered_from_all_its_entries():
    more = source("res.partner", "id", "vat", "identity", "blank")
    assert mapped_fields([PERSON, more]) == {"res.partner": {"name", "email", "vat"}}


def test_a_model_is_impersonal_only_while_no_entry_names_a_person():
    settings = impersonal("settings", ["res.partner", "veloc.purpose"])
    assert impersonal_models(settings) == {"res.partner", "veloc.purpose"}
    assert impersonal_models([*settings, PERSON]) == {"veloc.purpose"}


def test_two_fates_for_one_field_are_found():
    other = source("res.partner", "id", "email", "contact", "pseudonymise")
    assert doubles([PERSON, other]) == [("res.partner", "email")]
    assert not doubles([PERSON, PERSON])


def test_the_same_field_may_fare_differently_for_different_rows():
    written = source("mail.message", "author_id", "body", "contact_log", "blank")
    received = source(
        "mail.message",
        "res_id",
        "body",
        "contact_log",
        "delete",
        condition=(("model", "=", "res.partner"),),
    )
    assert not doubles([written, received])


def test_no_field_of_the_shipped_map_has_two_fates():
    assert not doubles(data_map_sources.ALL)


def test_what_the_shipped_map_keeps_of_a_person_is_kept_for_a_reason():
    kept = [entry for entry in data_map_sources.ALL if entry.on_erasure == "keep"]
    assert kept
    assert all(len(entry.reason) > 20 for entry in kept)


def test_the_name_the_addresses_and_the_notes_of_a_person_never_stay():
    gone = {
        name
        for entry in data_map_sources.ALL
        if entry.model == "res.partner" and entry.on_erasure != "keep"
        for name in entry.fields
    }
    assert gone >= {"name", "email", "phone", "street", "comment", "vat", "image_1920"}

"""Purposes of before have no notice of art. 9: prepare a draft of each."""

from pathlib import Path

import polib
from lxml import etree

from odoo import SUPERUSER_ID, api

_HOME = Path(__file__).parents[2]


def migrate(cr, version):
    """Make drafts with the shipped words; publishing them is the officer's."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for xml_id, words in _shipped_words().items():
        shipped = env.ref(f"veloc_compliance.{xml_id}", raise_if_not_found=False)
        if not shipped:
            continue
        current = shipped.purpose_id.current_version_id
        if current and not current.notice_use:
            _draft(env, current, words)


def _shipped_words():
    """Return ``{xml id of a version: {field: English text}}`` of the data file."""
    tree = etree.parse(_HOME / "data" / "veloc_purpose_data.xml")
    return {
        record.get("id"): {
            field.get("name"): field.text
            for field in record.iter("field")
            if field.get("name").startswith("notice_")
        }
        for record in tree.iter("record")
        if record.get("model") == "veloc.purpose.version"
    }


def _draft(env, current, words):
    draft = env["veloc.purpose.version"].create(
        {
            "purpose_id": current.purpose_id.id,
            "legal_basis": current.legal_basis,
            "notice": current.notice,
            # The purpose is the same: only what people are told about it grows.
            "keeps_consents": True,
            **words,
        }
    )
    installed = {code for code, _name in env["res.lang"].get_installed()}
    if "pt_BR" not in installed:
        return
    terms = {e.msgid: e.msgstr for e in polib.pofile(_HOME / "i18n" / "pt_BR.po")}
    in_portuguese = draft.with_context(lang="pt_BR")
    in_portuguese.notice = current.with_context(lang="pt_BR").notice
    for name, text in words.items():
        if terms.get(text):
            in_portuguese[name] = terms[text]

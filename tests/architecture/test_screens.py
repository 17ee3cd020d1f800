"""Every screen is named alike, works on a phone, and explains itself when empty."""

import re

from code_tree import ADDONS, field, records, short, text


def _views(addon="*"):
    """Yield (path, record, model, arch root) of all views that are not patches."""
    for path, record in records("ir.ui.view", addon):
        arch = field(record, "arch")
        if arch is not None and len(arch) and field(record, "inherit_id") is None:
            yield path, record, text(record, "model"), arch[0]


def test_view_ids_follow_the_model():
    strangers = [
        f"{short(path)}: {record.get('id')}"
        for path, record in records("ir.ui.view")
        if (model := text(record, "model"))
        and not re.fullmatch(
            rf"{model.replace('.', '_')}_view_\w+", record.get("id") or ""
        )
    ]
    assert not strangers


def test_action_ids_follow_the_model():
    strangers = [
        f"{short(path)}: {record.get('id')}"
        for path, record in records("ir.actions.act_window")
        if not (record.get("id") or "").startswith(
            f"{text(record, 'res_model').replace('.', '_')}_action"
        )
    ]
    assert not strangers


def test_every_list_has_a_kanban_of_cards_for_phones():
    missing = []
    for addon in ADDONS:
        lists = {m for _, _, m, arch in _views(addon) if arch.tag == "list"}
        cards = {
            m
            for _, _, m, arch in _views(addon)
            if arch.tag == "kanban"
            and any(t.get("t-name") == "card" for t in arch.iter("t"))
        }
        missing += [f"{addon}: {model}" for model in sorted(lists - cards)]
    assert not missing


def test_an_action_that_opens_a_list_opens_cards_on_a_phone():
    missing = [
        f"{short(path)}: {record.get('id')}"
        for path, record in records("ir.actions.act_window")
        if "list" in (modes := text(record, "view_mode").split(","))
        and "kanban" not in modes
    ]
    assert not missing


def test_every_window_explains_itself_when_it_is_empty():
    silent = [
        f"{short(path)}: {record.get('id')}"
        for path, record in records("ir.actions.act_window")
        if text(record, "target") != "new"
        and not "".join(_words(field(record, "help"))).strip()
    ]
    assert not silent


def _words(element):
    return element.itertext() if element is not None else ()


def test_every_model_that_a_window_lists_can_be_searched():
    opened = {
        text(record, "res_model")
        for _, record in records("ir.actions.act_window")
        if "list" in text(record, "view_mode").split(",")
    }
    searched = {model for _, _, model, arch in _views() if arch.tag == "search"}
    ours = {model for _, _, model, _ in _views()}  # Odoo's own have one already
    assert not (opened & ours) - searched

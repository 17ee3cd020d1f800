"""What the web client cannot draw, found before a phone shows an error."""

from pathlib import Path

import pytest
from lxml import etree

ADDONS = Path(__file__).parents[3] / "addons"
VIEWS = sorted(ADDONS.glob("*/views/*.xml"))


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_no_field_with_a_widget_is_itself_the_else_of_a_card(path):
    """Its attributes become code, and an empty one makes the whole card fail.

    Write ``<t t-else=""><field … widget="…"/></t>``.
    """
    tree = etree.parse(path)
    wrong = tree.xpath("//kanban//field[@widget][@t-else]")
    assert not [field.get("name") for field in wrong]

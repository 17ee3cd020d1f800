"""Stages in the order in which people live through them, wherever they are sorted."""

from odoo import models
from odoo.tools import SQL

STAGES = [
    ("lead", "Lead"),
    ("signup", "Signed up"),
    ("kyc", "KYC approved"),
    ("first_deposit", "First deposit"),
    ("active", "Active"),
    ("at_risk", "At risk"),
    ("churned", "Churned"),
    ("won_back", "Won back"),
]
ORDER = [code for code, _label in STAGES]


class VelocStageMixin(models.AbstractModel):
    """For models with a ``stage``: a funnel sorted by letters is none."""

    _name = "veloc.stage.mixin"
    _description = "Sorted by Stage"

    def _read_group_orderby(self, order, groupby_terms, query):
        """Sort groups by the stage's rank."""
        if "stage" not in groupby_terms:
            return super()._read_group_orderby(order, groupby_terms, query)
        plain = groupby_terms["stage"]
        groupby_terms["stage"] = _rank(plain)
        try:
            return super()._read_group_orderby(order, groupby_terms, query)
        finally:
            groupby_terms["stage"] = plain

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort records by the stage's rank."""
        if field_name != "stage":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        rank = _rank(self._field_to_sql(alias, "stage", query))
        return SQL("%s %s %s", rank, direction, nulls)


def _rank(stage):
    return SQL("array_position(%s::varchar[], %s)", ORDER, stage)

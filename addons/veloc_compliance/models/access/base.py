from odoo import api, models

from ...rules.export_budget import WORTH_COUNTING


class Base(models.AbstractModel):
    """Data about persons that leave in bulk are counted, logged and limited.

    Whoever may read may copy: the limit is on how much, whichever door is used. What
    the server reads for itself (elevated) is no export.
    """

    _inherit = "base"

    def export_data(self, fields_to_export):
        """Refuse what is above the day's rows, and log what leaves."""
        answer = super().export_data(fields_to_export)
        if not self.env.su:
            rows = len(answer["datas"])
            self.env["veloc.export.log"]._taken(
                self._name, "export", rows, fields_to_export
            )
        return answer

    @api.readonly
    def read(self, fields=None, load="_classic_read"):
        return self._veloc_counted(super().read(fields, load=load), fields)

    @api.model
    @api.readonly
    def search_read(
        self, domain=None, fields=None, offset=0, limit=None, order=None, **more
    ):
        rows = super().search_read(domain, fields, offset, limit, order, **more)
        return self._veloc_counted(rows, fields)

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), *args, **more):
        # Grouped by e-mail, or gathered in an array, it is a list of people as well.
        groups = super().formatted_read_group(
            domain, groupby, aggregates, *args, **more
        )
        arrays = [name for name in aggregates if name.endswith("array_agg")]
        inside = sum(len(group[name] or ()) for group in groups for name in arrays)
        return self._veloc_counted(groups, [*groupby, *aggregates], inside)

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        rows = super().name_search(name, domain, operator, limit)
        return self._veloc_counted(rows, ["display_name"])

    def _veloc_counted(self, rows, fields, more=0):
        count = len(rows) + more
        if count >= WORTH_COUNTING and not self.env.su:
            self.env["veloc.export.log"]._read(self._name, count, fields)
        return rows

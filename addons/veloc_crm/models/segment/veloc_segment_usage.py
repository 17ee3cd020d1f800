"""Who uses a segment: cadences, other segments, and whatever points to one."""

from odoo import fields, models

OWN = (
    "veloc.segment.member",
    "veloc.segment.event",
    "veloc.segment.size",
)


class VelocSegment(models.Model):
    """Asked before a segment is changed: what hangs on it?"""

    _inherit = "veloc.segment"

    used_by = fields.Text(compute="_compute_used_by")

    def _compute_used_by(self):
        links = self._links()
        for segment in self:
            users = [
                f"{self._word(model)}: {record.display_name}"
                for model, name in links
                for record in self.env[model].search([(name, "=", segment.id)])
            ]
            users += [
                f"{self._word(self._name)}: {other.name}" for other in segment._asking()
            ]
            segment.used_by = "\n".join(users)

    def _word(self, model):
        """Return the model's name in the user's language."""
        # sudo: names of models, for those who may read the records anyway.
        return self.env["ir.model"].sudo()._get(model).name

    def _links(self):
        """Return (model, field) of everything readable that points to segments."""
        return [
            (name, field.name)
            for name, model in self.env.items()
            if not model._abstract and not model._transient and name not in OWN
            if model.has_access("read")
            for field in model._fields.values()
            if field.type == "many2one"
            and field.comodel_name == self._name
            and field.store
        ]

import hashlib

from odoo import api, fields, models


class VelocProcessingVersion(models.Model):
    """What the register said of an activity when it came into force. Never changed."""

    _name = "veloc.processing.version"
    _description = "Version of a processing activity"
    _inherit = ["veloc.append.only"]
    _order = "activity_id, number desc"
    _log_access = False
    _rec_name = "number"

    activity_id = fields.Many2one(
        "veloc.processing.activity", required=True, readonly=True, ondelete="restrict"
    )
    number = fields.Integer("Version", required=True, readonly=True)
    content = fields.Text(required=True, readonly=True)
    content_hash = fields.Char("SHA-256", required=True, readonly=True)
    frozen_at = fields.Datetime("In force since", required=True, readonly=True)
    frozen_by = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )

    _number_unique = models.UniqueIndex(
        "(activity_id, number)", "This version exists already."
    )

    @api.model
    def _freeze(self, activities):
        """Store what these activities say now, as their next version."""
        numbers = dict(
            self._read_group(
                [("activity_id", "in", activities.ids)], ["activity_id"], ["number:max"]
            )
        )
        return self.create(
            [
                self._prepare_version(activity, numbers.get(activity, 0) + 1)
                for activity in activities
            ]
        )

    def _prepare_version(self, activity, number):
        content = activity._canonical()
        return {
            "activity_id": activity.id,
            "number": number,
            "content": content,
            "content_hash": hashlib.sha256(content.encode()).hexdigest(),
            "frozen_at": fields.Datetime.now(),
            "frozen_by": self.env.uid,
        }

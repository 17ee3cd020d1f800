from odoo import fields, models

DEEDS = [
    ("block", "Blocked from use"),
    ("bury", "Marked, so that nothing brings them back"),
    ("seal", "Sealed copy made for what the law keeps"),
    ("blank", "Emptied"),
    ("pseudonymise", "Replaced by a token"),
    ("delete", "Deleted"),
    ("redact", "Taken out of texts"),
    ("destroy", "Sealed copy and key destroyed"),
]


class VelocErasureStep(models.Model):
    """What was done in an erasure, where and to how many rows; evidence for ever.

    Numbers are those of the batch the person was in: a row for each person and table
    would say how much each one had with us.
    """

    _name = "veloc.erasure.step"
    _inherit = ["veloc.append.only"]
    _description = "Step of an erasure"
    _log_access = False
    _order = "id"
    _rec_name = "deed"

    erasure_id = fields.Many2one(
        "veloc.erasure", required=True, readonly=True, ondelete="restrict", index=True
    )
    deed = fields.Selection(DEEDS, required=True, readonly=True)
    model = fields.Char("Where", readonly=True)
    rows = fields.Integer("Rows in the batch", readonly=True)
    batch_size = fields.Integer("People in the batch", readonly=True)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

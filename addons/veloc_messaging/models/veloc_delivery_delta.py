from odoo import fields, models


class VelocDeliveryDelta(models.Model):
    """What changed in the counts since they were last added up.

    Written by a trigger on the messages, in the transaction that moved them: nothing
    is missed, nothing is counted twice, and no watermark can skip a late commit.
    """

    _name = "veloc.delivery.delta"
    _description = "Change of delivery counts"
    _log_access = False

    bucket = fields.Datetime(required=True)
    account_id = fields.Integer()
    channel = fields.Char()
    company_id = fields.Integer()
    measure = fields.Char(required=True)
    reason = fields.Char()
    step = fields.Integer()
    count = fields.Integer(required=True)

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import delivery

MEASURES = [
    ("failures", "Failures"),
    ("complaints", "Complaints"),
    ("opt_outs", "Opt-outs"),
    ("slow_delivery", "95 % delivered within"),
    ("queue_stuck", "Oldest due message"),
]
OF_TIME = {"slow_delivery", "queue_stuck"}


class VelocDeliveryLimit(models.Model):
    """Where trouble begins on an account, and what follows then.

    The narrowest one counts: the account's own, else the channel's, else the house's.
    """

    _name = "veloc.delivery.limit"
    _description = "Delivery threshold"
    _veloc_ledger_fields = frozenset(
        {
            "account_id",
            "action",
            "active",
            "channel",
            "measure",
            "min_sample",
            "minutes",
            "share",
            "window",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "measure, account_id, channel, id"

    measure = fields.Selection(MEASURES, required=True, default="failures")
    account_id = fields.Many2one(
        "veloc.account", ondelete="cascade", help="Empty: all accounts."
    )
    channel = fields.Selection(CHANNELS, help="Empty: all channels.")
    share = fields.Float(
        help="Of the messages in the window. An account is only stopped when the share "
        "is surely above this, not by a few unlucky messages."
    )
    minutes = fields.Float("Limit in minutes")
    window = fields.Integer(
        "Window (minutes)", default=30, help="How far back to look; at least five."
    )
    min_sample = fields.Integer(
        "Smallest sample", default=50, help="With fewer messages nothing is concluded."
    )
    action = fields.Selection(
        [("alert", "Alert"), ("pause", "Pause the account and alert")],
        required=True,
        default="alert",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    is_of_time = fields.Boolean(compute="_compute_is_of_time")

    _one_per_scope = models.UniqueIndex(
        "(measure, COALESCE(account_id, 0), COALESCE(channel, '')) WHERE active",
        "There is a threshold of this kind for the same account and channel already.",
    )
    _share_range = models.Constraint(
        'CHECK (share BETWEEN 0 AND 1 AND minutes >= 0 AND "window" BETWEEN 5 '
        "AND 4320 AND min_sample >= 0)",
        "A share goes from 0 to 100 %, a window from five minutes to three days.",
    )

    @api.depends("measure")
    def _compute_is_of_time(self):
        for limit in self:
            limit.is_of_time = limit.measure in OF_TIME

    @api.depends("measure", "account_id", "channel")
    def _compute_display_name(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for limit in self:
            scope = limit.account_id.name or channels.get(limit.channel)
            limit.display_name = " · ".join(
                filter(None, [labels.get(limit.measure), scope])
            )

    @api.constrains("measure", "action")
    def _check_action(self):
        if self.filtered(lambda x: x.measure == "queue_stuck" and x.action == "pause"):
            raise ValidationError(
                self.env._("A queue that is stuck does not move by pausing it.")
            )

    def _rule(self):
        """Return the rule's view of this threshold."""
        value = self.minutes * 60 if self.is_of_time else self.share
        return delivery.Limit(self.measure, value, self.min_sample)

    @api.model
    def _for_accounts(self, accounts):
        """Return ``[(account, limit)]``: of each measure the narrowest threshold."""
        limits = self.search([("active", "=", True)])
        chosen = []
        for account in accounts:
            for _measure, same in limits.grouped("measure").items():
                fitting = same.filtered(lambda limit, a=account: limit._fits(a))
                if fitting:
                    chosen.append((account, max(fitting, key=lambda x: x._narrow())))
        return chosen

    def _fits(self, account):
        return self.account_id in (account, self.account_id.browse()) and (
            not self.channel or self.channel == account.channel
        )

    def _narrow(self):
        return bool(self.account_id), bool(self.channel)

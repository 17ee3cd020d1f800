"""What is wrong with a person's data, and what to do about it."""

from odoo import fields, models

KINDS = [
    ("email_invalid", "E-mail cannot be right"),
    ("email_typo", "E-mail domain looks mistyped"),
    ("email_disposable", "Throw-away mailbox"),
    ("email_undeliverable", "E-mail comes back"),
    ("phone_invalid", "Phone cannot be right"),
    ("phone_shared", "Phone of more than three people"),
    ("cpf_missing", "Client without CPF"),
    ("cpf_shared", "CPF on several contacts"),
    ("under_age", "Under age"),
    ("zone_missing", "Time zone unknown"),
    ("name_spelling", "Name can be spelt better"),
    ("name_test", "Name looks like a test"),
    ("name_missing", "No name"),
    ("no_channel", "No e-mail and no phone"),
    ("cep_state", "CEP lies in another state"),
]
SEVERITIES = [("1", "Low"), ("2", "Medium"), ("3", "High")]
STATES = [("open", "Open"), ("fixed", "Solved"), ("ignored", "Accepted")]


class VelocDataIssue(models.Model):
    """One finding about one person; it closes itself when the data are right."""

    _name = "veloc.data.issue"
    _description = "Data Quality Finding"
    _order = "severity desc, found_at desc, id desc"
    _veloc_ledger_fields = frozenset({"state"})
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True

    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    trader_id = fields.Many2one(
        "veloc.trader", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, "Finding", required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    suggestion = fields.Char(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    found_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    closed_at = fields.Datetime(readonly=True)
    closed_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _one_standing = models.UniqueIndex(
        "(partner_id, kind) WHERE state <> 'fixed'", "This finding stands already."
    )

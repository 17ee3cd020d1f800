from odoo import fields, models

TARGETS = [
    ("contact_id", "Contact id"),
    ("external_ref", "Broker reference"),
    ("cpf", "CPF"),
    ("email", "E-mail"),
    ("phone", "Telephone"),
    ("purpose", "Purpose (code)"),
    ("channel", "Channel"),
    ("granted", "Said yes"),
    ("at", "Given at"),
    ("language", "Language"),
    ("version", "Version of the text"),
    ("source", "Where it was collected"),
    ("ip", "IP address"),
    ("user_agent", "User agent"),
    ("evidence", "Evidence"),
]


class VelocConsentImportColumn(models.Model):
    """What one column of an imported file means."""

    _name = "veloc.consent.import.column"
    _description = "Column of a consent import"
    _order = "id"

    import_id = fields.Many2one(
        "veloc.consent.import", required=True, ondelete="cascade", index=True
    )
    name = fields.Char("Column", required=True, readonly=True)
    sample = fields.Char("First value", compute="_compute_sample", readonly=True)
    target = fields.Selection(TARGETS, "Means")

    _name_unique = models.Constraint(
        "UNIQUE(import_id, name)", "Two columns of the file have the same name."
    )
    _target_unique = models.UniqueIndex(
        "(import_id, target) WHERE target IS NOT NULL",
        "Two columns cannot mean the same.",
    )

    def _compute_sample(self):
        """Show the first value; it is read from the sealed file, never stored."""
        for job, columns in self.grouped("import_id").items():
            table = job._read_file() if job.attachment_id else None
            first = (
                dict(zip(table.columns, table.rows[0], strict=False)) if table else {}
            )
            for column in columns:
                column.sample = first.get(column.name)

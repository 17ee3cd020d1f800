from odoo import api, models, tools

_WATCHED = {
    "email": "email",
    "phone": "phone",
    "veloc_cpf": "cpf",
    "veloc_cnpj": "cnpj",
}


class ResPartner(models.Model):
    """The guard at the door of contacts: nobody erased comes in again unasked."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse contacts that would bring an erased person back."""
        partners = super().create(vals_list)
        if any(vals.get(name) for vals in vals_list for name in _WATCHED):
            self.env["veloc.tombstone.guard"]._check(partners, _WATCHED)
        return partners

    @api.model
    def load(self, fields, data):
        """Name the rows of an import that would bring somebody back, each of them."""
        refused = self._veloc_erased_rows(fields, data)
        if refused:
            guard = self.env["veloc.tombstone.guard"]
            self.env["veloc.tombstone.refusal"]._count("record", len(refused))
            message = guard._message()
            return {
                "ids": False,
                "messages": [
                    {
                        "type": "error",
                        "message": message,
                        "record": row,
                        "rows": {"from": row, "to": row},
                    }
                    for row in refused
                ],
                "nextrow": 0,
            }
        return super().load(fields, data)

    @api.model
    def _veloc_erased_rows(self, names, data):
        """Return the numbers of the rows that carry an erased person's mark."""
        columns = {
            n: _WATCHED[name] for n, name in enumerate(names) if name in _WATCHED
        }
        values = {}
        for number, kind in columns.items():
            values.setdefault(kind, set()).update(row[number] for row in data)
        marks = self.env["veloc.tombstone"]._marks(values)
        return [
            index
            for index, row in enumerate(data)
            if any((kind, row[number]) in marks for number, kind in columns.items())
        ]

    def write(self, vals):
        """Refuse to write the address of an erased person on somebody."""
        done = super().write(vals)
        told = {name: kind for name, kind in _WATCHED.items() if vals.get(name)}
        if told:
            self.env["veloc.tombstone.guard"]._check(self, told)
        return done

    @api.model
    def _find_or_create_from_emails(self, emails, ban_emails=None, **how):
        """Make no contact of an erased person's mail; the mail itself comes in."""
        erased = self.env["veloc.tombstone"]._is_erased(
            "email", [email for email in emails if email]
        )
        banned = [tools.email_normalize(email) for email in erased]
        if banned:
            self.env["veloc.tombstone.refusal"]._count("mail", len(banned))
        return super()._find_or_create_from_emails(
            emails, ban_emails=[*(ban_emails or []), *filter(None, banned)], **how
        )

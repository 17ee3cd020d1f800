import ast
import base64

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...rules import blocklist_file, incident_people
from .veloc_incident_person import FLAGS

KINDS = [
    ("domain", "Contacts by a filter"),
    ("ledger", "Whose data a user read or exported"),
    ("csv", "A list (CSV of ids or e-mails)"),
]


class VelocIncidentQuery(models.Model):
    """How people get on the list of the affected: a question, and what it found."""

    _name = "veloc.incident.query"
    _description = "Search for affected people"
    _order = "id"
    _rec_name = "kind"

    incident_id = fields.Many2one(
        "veloc.incident", required=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(KINDS, required=True, default="domain")
    domain = fields.Char("Filter", default="[]")
    reader_id = fields.Many2one("res.users", "User", ondelete="restrict")
    from_at = fields.Datetime("From")
    until_at = fields.Datetime("Until")
    file = fields.Binary(attachment=True)
    filename = fields.Char()
    # What of these people was exposed: the law counts them apart.
    financial = fields.Boolean("Financial data")
    authentication = fields.Boolean("Access data")
    sensitive = fields.Boolean("Sensitive data")
    secrecy = fields.Boolean("Under secrecy")
    run_at = fields.Datetime("Searched", readonly=True)
    found = fields.Integer("People found", readonly=True)
    added = fields.Integer("New on the list", readonly=True)
    outcome = fields.Char(readonly=True)

    def write(self, vals):
        """A search that was made stays as it was made."""
        if not self.env.su and (
            {"run_at", "found", "added", "outcome"} & vals.keys()
            or any(query.run_at for query in self)
        ):
            raise AccessError(self.env._("A search that was made is not changed."))
        return super().write(vals)

    # === ACTIONS === #

    def action_run(self):
        """Search, and put the people found on the list (button)."""
        self.ensure_one()
        incident = self.incident_id
        incident._check_desk()
        incident._check_list_open()
        partner_ids, addresses, outcome = getattr(self, f"_find_by_{self.kind}")()
        people_sudo = self.env["veloc.incident.person"].sudo()  # sudo: desk checked
        flags = {name: self[name] for name in FLAGS}
        added = people_sudo._add(incident, partner_ids, addresses, flags)
        # sudo: the desk was checked; what a search found is written here only.
        self.sudo().write(
            {
                "run_at": fields.Datetime.now(),
                "found": len(partner_ids) + len(addresses),
                "added": added,
                "outcome": outcome,
            }
        )
        labels = dict(self._fields["kind"]._description_selection(self.env))
        text = self.env._(
            "%(how)s: %(found)s found, %(added)s new on the list.",
            how=labels[self.kind],
            found=self.found,
            added=added,
        )
        incident._tell("list", text)
        return True

    # === FINDING === #

    def _find_by_domain(self):
        try:
            domain = Domain(ast.literal_eval(self.domain or "[]"))
        except (ValueError, SyntaxError) as error:
            raise UserError(self.env._("The filter cannot be read.")) from error
        people = self.env["res.partner"].with_context(active_test=False)
        return people.search(domain).ids, [], ""

    def _find_by_ledger(self):
        if not (self.reader_id and self.from_at and self.until_at):
            raise UserError(self.env._("Say which user, from when and until when."))
        self.env["veloc.ledger.entry"]._write_buffer()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.id FROM veloc_ledger_entry_raw e
                CROSS JOIN LATERAL unnest(e.subject_ids || e.subject_id) AS s(id)
                JOIN res_partner p ON p.id = s.id
                WHERE e.kind IN ('read', 'export') AND e.user_id = %s
                    AND e.at BETWEEN %s AND %s
                """,
                self.reader_id.id,
                self.from_at,
                self.until_at,
            )
        )
        return [id_ for (id_,) in rows], [], ""

    def _find_by_csv(self):
        data = base64.b64decode(self.with_context(bin_size=False).file or b"")
        told = incident_people.read_people(blocklist_file.decode(data))
        people = self.env["res.partner"].browse(told.ids).exists()
        found = people._veloc_find("email", told.emails)
        strangers = [email for email in told.emails if not found[email]]
        by_email = {id_ for ids in found.values() for id_ in ids}
        outcome = self.env._(
            "%(ids)s unknown ids, %(lines)s lines without anybody",
            ids=len(told.ids) - len(people),
            lines=len(told.bad_lines),
        )
        return list(by_email | set(people.ids)), strangers, outcome

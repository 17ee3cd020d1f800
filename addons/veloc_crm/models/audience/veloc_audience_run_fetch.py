import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ...rules import audience_hash


class VelocAudienceRun(models.Model):
    """A file that leaves: asked about once more, and what was told is noted."""

    _inherit = "veloc.audience.run"

    def action_fetch_add(self):
        """Fetch the file of those who are new."""
        return self._fetch_action("add")

    def action_fetch_remove(self):
        """Fetch the file of those whom the platform must forget."""
        return self._fetch_action("remove")

    def _fetch_action(self, kind):
        self.ensure_one()
        self._check_there(kind)
        url = f"/veloc/audience/{self.id}/{kind}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _check_there(self, kind):
        if self.is_gone:
            raise UserError(self.env._("This file has expired."))
        if not self[f"{kind}_sha256"]:
            raise UserError(self.env._("Nobody is in this file: there is none."))
        if not (self[f"{kind}_fetched_at"] or self._rows_of(kind)):
            raise UserError(
                self.env._("A newer run has everybody of this file: fetch its own.")
            )

    def _rows_of(self, kind):
        """Return the members or removals whose newest file is this run's."""
        name = {"add": "veloc.audience.member", "remove": "veloc.audience.removal"}
        # sudo: some whom the list is about may not be seen by whoever fetches it.
        return self.env[name[kind]].sudo().search([("run_id", "=", self.id)])

    def _fetch(self, kind):
        """Return name and content of a file; refused above the user's daily rows."""
        self.ensure_one()
        self._check_there(kind)
        # sudo: the sealed file is shown to nobody; the caller may read the run.
        run_sudo = self.sudo().with_context(bin_size=False)
        if kind == "add":
            run_sudo._leave_out_who_left()
        rows = self.added if kind == "add" else self.removed
        headers = audience_hash.FORMATS[self.export_id.platform].headers
        log = self.env["veloc.export.log"]
        log._taken("veloc.audience.member", "export", rows, headers)
        sealed = base64.b64decode(run_sudo[f"{kind}_file"])
        content = self.env["veloc.keyring"]._open_bytes(self._place(kind), sealed)
        run_sudo._note_told(kind)
        self._note_down("fetched", kind)
        day = fields.Date.to_string(self.at)
        export = self.export_id
        return f"{export.platform}-{export.id}-{day}-{kind}.csv", content

    def _leave_out_who_left(self):
        """Take those out of the add file who must not be in it any more."""
        members = self._rows_of("add")
        gone = self._find_gone(members)
        if not gone:
            return
        export, rest = self.export_id, members - gone
        if not rest or export.member_count - len(gone) < export.smallest:
            raise UserError(
                self.env._(
                    "%(count)s people of this file took their consent back or came "
                    "under protection. Too few are left: make the files anew.",
                    count=len(gone),
                )
            )
        rows = [tuple(member.row) for member in rest]
        self._seal("add", audience_hash.as_csv(rows, export.platform))
        self.added = len(rest)
        # The platform never heard of them; who was told of is removed by the next run.
        gone.filtered(lambda member: not member.is_told).unlink()

    def _find_gone(self, members):
        """Return the members whose row may not be handed over as it is, by now."""
        people, export = self.env["veloc.audience.people"], self.export_id
        allowed = {}
        if export.state == "active" and not export._what_is_missing():
            allowed = people._find_among(
                export, members.partner_id, fields.Datetime.now()
            )
        return members.filtered(
            lambda member: allowed.get(member.partner_id.id) != tuple(member.row)
        )

    def _note_told(self, kind):
        """Note that the platform is told: what it holds, or what it forgets."""
        self[f"{kind}_fetched_at"] = fields.Datetime.now()
        if kind == "add":
            self._rows_of(kind).is_told = True
            return
        self._rows_of(kind).unlink()
        if self.export_id.state != "active":
            self.export_id.next_run_at = False

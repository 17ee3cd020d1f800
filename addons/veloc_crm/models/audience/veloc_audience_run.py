import base64
import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from ...rules import audience_hash

FILES = ("add", "remove")


class VelocAudienceRun(models.Model):
    """One comparison with the platform: how many, and the files of the difference.

    Files are sealed on the disk, fetched by hand, each time written down, and destroyed
    when their days are over.
    """

    _name = "veloc.audience.run"
    _description = "Run of an audience export"
    _order = "at desc, id desc"
    _rec_name = "at"

    export_id = fields.Many2one(
        "veloc.audience.export", "List", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    company_id = fields.Many2one(related="export_id.company_id")
    at = fields.Datetime("When", required=True, readonly=True)
    problem = fields.Char(readonly=True)
    members = fields.Integer("In the segment", readonly=True)
    without_consent = fields.Integer(readonly=True)
    withheld = fields.Integer(
        readonly=True, help="Under protection, minors, opted out, blocked."
    )
    exported = fields.Integer("On the list", readonly=True)
    added = fields.Integer(readonly=True)
    removed = fields.Integer(readonly=True)
    add_file = fields.Binary(attachment=True, readonly=True, groups=NO_ACCESS)
    remove_file = fields.Binary(attachment=True, readonly=True, groups=NO_ACCESS)
    add_sha256 = fields.Char("SHA-256 of the add file", readonly=True)
    remove_sha256 = fields.Char("SHA-256 of the remove file", readonly=True)
    expires_at = fields.Datetime("Files until", readonly=True)
    is_gone = fields.Boolean("Expired", readonly=True)
    add_fetched_at = fields.Datetime("Add file fetched", readonly=True)
    remove_fetched_at = fields.Datetime("Remove file fetched", readonly=True)
    removal_ids = fields.One2many("veloc.audience.removal", "run_id", readonly=True)
    is_removal_open = fields.Boolean(
        "Removals wait",
        compute="_compute_is_removal_open",
        search="_search_is_removal_open",
        help="People are still on the platform who must not be: fetch the remove file "
        "and upload it there.",
    )

    _expiry_idx = models.Index("(expires_at) WHERE is_gone IS NOT TRUE")

    # === COMPUTE === #

    @api.depends("removal_ids")
    def _compute_is_removal_open(self):
        for run in self:
            run.is_removal_open = bool(run.removal_ids)

    def _search_is_removal_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("removal_ids", "!=" if True in value else "=", False)]

    # === MAKING === #

    @api.model
    def _make(self, export, found, now, problem=""):
        """Store the run and its sealed files; the ledger keeps counts and hashes."""
        members = self.env["veloc.audience.member"]
        # Who stands in a file that nobody fetched is as new as before.
        told = members._rows(export, told=True)
        added, removed = audience_hash.changes(told, found.rows)
        run = self.create(
            {
                "export_id": export.id,
                "at": now,
                "problem": problem,
                **found.counts,
                "added": len(added),
                "expires_at": now + timedelta(days=export.kept_days),
            }
        )
        wanted = found.rows.values()
        forgotten = self.env["veloc.audience.removal"]._gather(run, removed, wanted)
        run.removed = len(forgotten)
        for kind, rows in zip(FILES, (added.values(), forgotten), strict=True):
            if rows:
                run._seal(kind, audience_hash.as_csv(rows, export.platform))
        members._replace(run, added, found.rows.keys())
        run._note_down("made")
        return run

    def _seal(self, kind, content):
        sealed = self.env["veloc.keyring"]._seal_bytes(self._place(kind), content)
        self.write(
            {
                f"{kind}_file": base64.b64encode(sealed),
                f"{kind}_sha256": hashlib.sha256(content).hexdigest(),
            }
        )

    def _place(self, kind):
        return f"veloc_audience_run|{kind}_file|{self.id}"

    def _note_down(self, what, kind=None):
        export = self.export_id
        names = ("members", "without_consent", "withheld", "exported")
        self.env["veloc.ledger.entry"]._note(
            "export",
            self._name,
            self.id,
            public={
                "what": what,
                "file": kind or "",
                "list": export.id,
                "kind": export.kind,
                "platform": export.platform,
                "segment": export.segment_id.code,
                "purpose": "ads_audience",
                "recipient": export.vendor_id.id,
                **{name: self[name] for name in (*names, "added", "removed")},
                "add_sha256": self.add_sha256 or "",
                "remove_sha256": self.remove_sha256 or "",
            },
        )

    # === ENDING === #

    @api.autovacuum
    def _gc_files(self):
        """Destroy files whose days are over; the numbers stay."""
        over = self.search(
            [("is_gone", "!=", True), ("expires_at", "<=", fields.Datetime.now())],
            limit=500,
        )
        over.write({"add_file": False, "remove_file": False, "is_gone": True})
        return len(over), len(over) == 500

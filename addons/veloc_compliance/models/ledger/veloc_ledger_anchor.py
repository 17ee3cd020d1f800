import logging
import os

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import ledger_head

_logger = logging.getLogger(__name__)

VARIABLE = "VELOC_LEDGER_ANCHOR"
OFFICERS = "veloc_compliance.group_officer"
TAIL = 65536  # bytes at the end of the file in which the last line is looked for


class VelocLedgerAnchor(models.Model):
    """Where a head was put so that whoever rules the database cannot reach it.

    Without one, somebody with the database and the signing key could cut the newest
    entries together with their heads. How often we anchor is how much they could cut.
    """

    _name = "veloc.ledger.anchor"
    _inherit = ["veloc.append.only"]
    _description = "Ledger anchor"
    _log_access = False
    _order = "id desc"
    _rec_name = "size"

    size = fields.Integer("Entries sealed", required=True, readonly=True)
    kind = fields.Selection(
        [("file", "File"), ("mail", "E-mail")], required=True, readonly=True
    )
    place = fields.Char(required=True, readonly=True)
    anchored_at = fields.Datetime(required=True, readonly=True)
    line = fields.Char("Anchor line", readonly=True)

    # === FILE === #

    @api.model
    def _anchor_to_file(self):
        """Append the heads that the anchor file does not know; refuse a cut log."""
        path = os.environ.get(VARIABLE)
        if not path:
            return
        try:
            known = self._last_anchored(path)
            heads = self.env["veloc.ledger.head"]._heads_after(
                known.size if known else 0
            )
            if known and not self._is_still_ours(known):
                self._report_cut(known)
            elif heads:
                _append(path, heads)
                self._remember("file", path, heads[-1])
        except OSError as error:
            _logger.exception("The ledger's anchor file cannot be written")
            self.env["veloc.alert"]._raise(
                "ledger_anchor", key="file", detail=f"{path}: {error.strerror}"
            )
        else:
            self.env["veloc.alert"]._clear("ledger_anchor", key="file")

    @api.model
    def _last_anchored(self, path):
        """Return the largest head of the file's end, None of a new file."""
        try:
            with open(path, "rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - TAIL))
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        return next(reversed(ledger_head.read_anchor(text)), None)

    @api.model
    def _is_still_ours(self, anchored):
        """Return whether the log still has the anchored head as it was."""
        latest = self.env["veloc.ledger.head"]._latest()
        if latest is None or latest.size < anchored.size:
            return False
        return self.env["veloc.ledger.tree"]._root(anchored.size).hex() == anchored.root

    @api.model
    def _report_cut(self, anchored):
        self.env["veloc.alert"]._raise(
            "ledger_rollback",
            key=str(anchored.size),
            detail=self.env._(
                "The anchor of %(moment)s knows %(size)s entries that this database "
                "no longer has as they were: entries were removed, or the database "
                "was restored from a backup.",
                moment=anchored.sealed_at,
                size=anchored.size,
            ),
            severity="critical",
        )

    # === MAIL === #

    @api.model
    def _cron_mail(self):
        """Send the newest head to the encarregado: the mailbox is the anchor."""
        self = self.with_context(lang=self.env.company.partner_id.lang)
        head = self.env["veloc.ledger.head"]._latest()
        addresses = self._addresses()
        if not addresses:
            self.env["veloc.alert"]._raise(
                "ledger_anchor",
                key="mail",
                detail=self.env._("No officer has an e-mail address."),
            )
        if not head or not addresses or self._was_mailed(head):
            return
        body = self._prepare_mail_body(head)
        mails = self.env["mail.mail"].create(
            [
                {
                    "subject": self.env._(
                        "Ledger: seal of %(date)s", date=head.sealed_at
                    ),
                    "email_to": address,
                    "body_html": body,
                    "auto_delete": False,
                }
                for address in addresses
            ]
        )
        self._remember("mail", ", ".join(addresses), head)
        self.env["veloc.alert"]._clear("ledger_anchor", key="mail")
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        _logger.info("Ledger head of %s entries mailed: %s", head.size, mails.ids)

    @api.model
    def _addresses(self):
        """Return the encarregado's address, else those of the officers."""
        company = self.env.company
        if "veloc_dpo_email" in company._fields and company.veloc_dpo_email:
            return [company.veloc_dpo_email]
        officers = self.env.ref(OFFICERS).all_user_ids
        return sorted(
            {
                user.email_normalized
                for user in officers
                if user.active and user.email_normalized and user.login != "__system__"
            }
        )

    @api.model
    def _was_mailed(self, head):
        return bool(
            self.search_count(
                [("kind", "=", "mail"), ("size", "=", head.size)], limit=1
            )
        )

    @api.model
    def _prepare_mail_body(self, head):
        return self.env["ir.qweb"]._render(
            "veloc_compliance.veloc_ledger_anchor_mail",
            {"head": head, "line": head.line(), "company": self.env.company},
        )

    # === BOTH === #

    @api.model
    def _remember(self, kind, place, head):
        self.create(
            [
                {
                    "kind": kind,
                    "place": place,
                    "size": head.size,
                    "line": head.line(),
                    "anchored_at": fields.Datetime.now(),
                }
            ]
        )

    @api.model
    def _largest(self):
        """Return the largest head that any anchor of ours holds, None without one."""
        rows = self.env.execute_query(
            SQL("SELECT line FROM veloc_ledger_anchor ORDER BY size DESC LIMIT 1")
        )
        return ledger_head.read_line(rows[0][0]) if rows else None


def _append(path, heads):
    """Append lines that are on the disk when this returns."""
    text = "".join(f"{head.line()}\n" for head in heads)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, text.encode("utf-8"))
        os.fsync(handle)
    finally:
        os.close(handle)

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...rules import confirmation

# A link nobody used in a week was not wanted; a month later nothing is left of it.
DEFAULT_HOURS = 168
KEPT_AFTER_EXPIRY = timedelta(days=30)
SOURCE = "double_opt_in"


class VelocConsentPending(models.Model):
    """A yes from a form that counts only once its owner confirms it by e-mail.

    Anybody can type anybody's address into a form: nothing is recorded of the person
    before the link in their mailbox was opened and the button there pressed.
    """

    _name = "veloc.consent.pending"
    _description = "Consent waiting for confirmation"
    _order = "requested_at desc, id desc"
    _rec_name = "email"

    email = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="set null", index=True
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("confirmed", "Confirmed"),
            ("unmatched", "Confirmed, contact unclear"),
            ("expired", "Expired"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
    )
    line_ids = fields.One2many(
        "veloc.consent.pending.line", "pending_id", readonly=True
    )
    purposes = fields.Char("For", compute="_compute_purposes")
    token_hash = fields.Char(required=True, readonly=True, groups="base.group_no_one")
    fingerprint = fields.Char(required=True, readonly=True, groups="base.group_no_one")
    source = fields.Char("Form", required=True, readonly=True)
    language = fields.Char(readonly=True)
    ip = fields.Char("IP address", readonly=True)
    user_agent = fields.Char(readonly=True)
    evidence = fields.Text(readonly=True)
    requested_at = fields.Datetime("Asked at", required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True)
    confirmed_at = fields.Datetime(readonly=True)
    receipt_ref = fields.Char("Receipt", readonly=True)

    _token_unique = models.Constraint("UNIQUE(token_hash)", "This token exists.")
    _one_waiting = models.UniqueIndex(
        "(fingerprint) WHERE state = 'waiting'", "This is waiting already."
    )
    _expiry_idx = models.Index("(expires_at) WHERE state IN ('waiting', 'expired')")

    # === COMPUTE === #

    @api.depends("line_ids.version_id", "line_ids.channel")
    def _compute_purposes(self):
        labels = dict(self._channel_labels())
        for pending in self:
            found = {}
            for line in pending.line_ids:
                found.setdefault(line.purpose_id.name, []).append(labels[line.channel])
            pending.purposes = "; ".join(
                f"{name}: {', '.join(channels)}" for name, channels in found.items()
            )

    def _channel_labels(self):
        field = self.env["veloc.consent"]._fields["channel"]
        return field._description_selection(self.env)

    # === ASKING === #

    @api.model
    def _store(self, asks, now):
        """Store asks that are not waiting yet; return ``{fingerprint: token}``.

        ``asks`` are dicts of ``_prepare_values``. Two statements for any number.
        """
        self._expire(now)
        first = {}
        for ask in asks:
            first.setdefault(ask["fingerprint"], ask)
        if not first:
            return {}
        tokens = {fingerprint: confirmation.new_token() for fingerprint in first}
        columns = [name for name in next(iter(first.values())) if name != "boxes"]
        rows = [
            SQL(
                "%s",
                (
                    *(ask[name] for name in columns),
                    confirmation.token_hash(tokens[fingerprint]),
                ),
            )
            for fingerprint, ask in first.items()
        ]
        stored = dict(
            self.env.execute_query(
                SQL(
                    "INSERT INTO veloc_consent_pending (%s) VALUES %s ON CONFLICT "
                    "(fingerprint) WHERE state = 'waiting' DO NOTHING "
                    "RETURNING fingerprint, id",
                    SQL(", ").join(map(SQL.identifier, [*columns, "token_hash"])),
                    SQL(", ").join(rows),
                )
            )
        )
        self._store_lines(
            [
                (id_, version_id, channel)
                for fingerprint, id_ in stored.items()
                for version_id, channel in first[fingerprint]["boxes"]
            ]
        )
        return {print_: (id_, tokens[print_]) for print_, id_ in stored.items()}

    def _store_lines(self, lines):
        if lines:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_consent_pending_line "
                    "(pending_id, version_id, channel) VALUES %s",
                    SQL(", ").join(SQL("%s", line) for line in lines),
                )
            )

    @api.model
    def _expire(self, now):
        """Close what was not confirmed in time, so that it may be asked again."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_consent_pending SET state = 'expired' "
                "WHERE state = 'waiting' AND expires_at <= %s",
                now,
            )
        )
        self.invalidate_model()

    @api.model
    def _hours(self):
        # sudo: a setting of the house, asked on a public page.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        value = parameters_sudo.get_param("veloc_compliance.confirm_hours", "")
        return int(value) if value.isdigit() and int(value) else DEFAULT_HOURS

    # === CONFIRMING === #

    @api.model
    def _find(self, token):
        """Return the row of a token, whatever became of it; empty if none."""
        return self.search([("token_hash", "=", confirmation.token_hash(token))])

    def _standing(self, now):
        """Return what the page of this row says: waiting, confirmed or expired."""
        if self.state in ("confirmed", "unmatched"):
            return "confirmed"
        is_open = self.state == "waiting" and self.expires_at > now
        return "waiting" if is_open else "expired"

    def _confirm(self, proof):
        """Record what was asked for; once, however often the button is pressed."""
        self.ensure_one()
        now = fields.Datetime.now()
        # Two presses at once: the second waits here and finds it done.
        self.env.cr.execute(
            SQL(
                "SELECT FROM veloc_consent_pending WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        self.invalidate_recordset()
        if self._standing(now) != "waiting":
            return False
        partner = self._match()
        self._record(partner, now, proof)
        return True

    def _match(self):
        """Return whose consent it is: the one contact with this address.

        An address that several contacts share names nobody: the encarregado decides.
        """
        if self.partner_id and self.partner_id.email_normalized == self.email:
            return self.partner_id
        people = self.env["res.partner"].search(
            [("email_normalized", "=", self.email)], limit=2
        )
        if people:
            return people if len(people) == 1 else people.browse()
        language = self.env["res.partner"]._veloc_installed_lang(self.language)
        guard = self.env["veloc.tombstone.guard"]
        # Who was erased may come back by their own hand, and this is it.
        with guard._own_word_of_the_person("confirmation"):
            return people.create(
                {"name": self.name or self.email, "email": self.email, "lang": language}
            )

    def _give_to(self, partner):
        """Record what was confirmed for the contact that somebody chose."""
        self.ensure_one()
        if self.state != "unmatched" or self.email != partner.email_normalized:
            raise UserError(self.env._("Choose a contact with this e-mail address."))
        self._record(partner, self.confirmed_at)

    def _record(self, partner, now, proof=None):
        """Write the consents, and what the confirmation shows of them."""
        values = {"state": "unmatched", "confirmed_at": now}
        if proof:
            self._note_proof(proof)
        if partner:
            consents = self.env["veloc.consent"].create(
                [self._prepare_consent(line, partner, now) for line in self.line_ids]
            )
            values |= {
                "state": "confirmed",
                "partner_id": partner.id,
                "receipt_ref": consents[:1].receipt_ref,
            }
            self._reopen_channels(partner)
        self.write(values)

    def _note_proof(self, proof):
        """Put who confirmed in the place of who asked, whom the evidence names."""
        self.write(
            {
                "evidence": self._prepare_evidence(),
                "ip": proof.ip,
                "user_agent": proof.user_agent[:512],
                "language": proof.lang or self.language,
            }
        )

    def _reopen_channels(self, partner):
        """A confirmed yes opens again what a STOP had closed, as on the own page."""
        for channel in set(self.line_ids.mapped("channel")):
            self.env["veloc.suppression"]._lift(
                partner.ids, "opt_out", source=SOURCE, channel=channel
            )

    def _prepare_consent(self, line, partner, now):
        version = line.version_id
        lang = self.env["res.partner"]._veloc_installed_lang(self.language)
        return {
            "partner_id": partner.id,
            "purpose_id": version.purpose_id.id,
            "version_id": version.id,
            "channel": line.channel,
            "granted": True,
            "recorded_at": now,
            "recorded_by": self.env.uid,
            "source": SOURCE,
            "text_hash": version._text_hash(lang),
            "notice_hash": lang and version.with_context(lang=lang).full_notice_hash,
            "text_language": lang,
            "ip": self.ip,
            "user_agent": self.user_agent,
            "evidence": self.evidence,
        }

    def _prepare_evidence(self):
        """Return both ends of the double opt-in, for the consent's own row."""
        asked = self.env._(
            "Asked by “%(form)s” at %(at)s UTC from %(ip)s (%(agent)s); confirmed by "
            "the link sent to the address, request %(number)s.",
            form=self.source,
            at=self.requested_at,
            ip=self.ip or "?",
            agent=self.user_agent or "?",
            number=self.id,
        )
        return "\n".join(filter(None, (asked, self.evidence)))

    # === TIDYING === #

    @api.autovacuum
    def _gc_pending(self):
        """Forget addresses whose owner never confirmed."""
        now = fields.Datetime.now()
        self._expire(now)
        self.search(
            [("state", "=", "expired"), ("expires_at", "<", now - KEPT_AFTER_EXPIRY)]
        ).unlink()

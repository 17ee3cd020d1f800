from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules import incident_clock, incident_state
from ...rules.br_zones import DEFAULT_ZONE

BATCH = 200
REACHED = frozenset({"sent", "duplicate"})


class VelocIncident(models.Model):
    """Telling people: one letter each, and in public where that is impossible."""

    _inherit = "veloc.incident"

    letters_started_at = fields.Datetime("Letters started", readonly=True)
    public_code = fields.Char(readonly=True, copy=False)
    public_from = fields.Datetime("Public since", readonly=True)
    public_until = fields.Datetime("Public until", readonly=True)
    public_url = fields.Char("Public page", compute="_compute_public_url")
    needs_public = fields.Boolean(compute="_compute_needs_public")

    _letters_idx = models.Index(
        "(id) WHERE state = 'communicating' AND letters_started_at IS NOT NULL"
    )

    # === COMPUTE === #

    @api.depends("public_code")
    def _compute_public_url(self):
        base = self.env["veloc.contact.gate"]._public_url()
        for incident in self:
            code = incident.public_code
            incident.public_url = code and f"{base}/veloc/incidents/{code}"

    @api.depends("failed_count", "public_from")
    def _compute_needs_public(self):
        for incident in self:
            unreached = incident.failed_count and not incident.public_from
            incident.needs_public = bool(unreached)

    # === ACTIONS === #

    def action_send_letters(self):
        """Send everybody on the list their letter, once (button)."""
        self._check_officer()
        self.ensure_one()
        if self.state != incident_state.COMMUNICATING:
            raise UserError(self.env._("First begin to communicate."))
        if not self._approved("letter"):
            raise UserError(self.env._("First approve the letter in Portuguese."))
        # sudo: the officer was checked; steps are written by methods.
        self.sudo().letters_started_at = fields.Datetime.now()
        self._tell("letter", self.env._("Letters to %s people.", self.person_count))
        # sudo: waking a job is all that happens.
        self.env.ref("veloc_compliance.ir_cron_incident_letters").sudo()._trigger()
        return True

    def action_retry_letters(self):
        """Try again those who were not reached (button)."""
        self._check_officer()
        # sudo: the officer was checked; the letters' states are written here only.
        people_sudo = self.person_ids.sudo().filtered(
            lambda person: person.letter_state == "failed"
        )
        for attempts in set(people_sudo.mapped("attempts")):
            people_sudo.filtered(lambda p, n=attempts: p.attempts == n).write(
                {
                    "letter_state": "waiting",
                    "letter_reason": False,
                    "attempts": attempts + 1,
                }
            )
        # sudo: waking a job is all that happens.
        self.env.ref("veloc_compliance.ir_cron_incident_letters").sudo()._trigger()
        return True

    def action_publish(self):
        """Put the notice on a public page, for as long as the law wants (button)."""
        self._check_officer()
        self.ensure_one()
        if not self._approved("public"):
            raise UserError(self.env._("First approve the public notice."))
        now = fields.Datetime.now()
        # sudo: the officer was checked; steps are written by methods.
        self.sudo().write(
            {
                "public_code": self.public_code or token_hex(8),
                "public_from": now,
                "public_until": incident_clock.public_until(now),
            }
        )
        self._tell("public", self.public_url)
        return True

    def _approved(self, kind, lang="pt_BR"):
        """Return the approved text of this kind, in the language if there is one."""
        letters = self.letter_ids.filtered(
            lambda letter: letter.kind == kind and letter.state == "approved"
        )
        own = letters.filtered(lambda letter: letter.lang == lang)
        return (own or letters.filtered(lambda letter: letter.lang == "pt_BR"))[:1]

    # === LETTERS === #

    @api.model
    def _cron_letters(self):
        """Send letters batch by batch, each committed; learn what did not arrive."""
        cron = self.env["ir.cron"]
        people = self.env["veloc.incident.person"]
        time_left = cron._commit_progress(remaining=self._count_waiting())
        while time_left and (batch := people.search(self._waiting(), limit=BATCH)):
            self._send_batch(batch)
            time_left = cron._commit_progress(
                len(batch), remaining=self._count_waiting()
            )
        for incident in self.search(self._mailing()):
            incident._learn_failures()
        cron._commit_progress(0)

    def _mailing(self):
        return [
            ("state", "=", incident_state.COMMUNICATING),
            ("letters_started_at", "!=", False),
        ]

    def _waiting(self):
        return [
            ("letter_state", "=", "waiting"),
            *((f"incident_id.{name}", *rest) for name, *rest in self._mailing()),
        ]

    def _count_waiting(self):
        return self.env["veloc.incident.person"].search_count(self._waiting())

    @api.model
    def _send_batch(self, people):
        """Send these people their letters; a constant number of queries a language."""
        notices = {person.id: person._prepare_notice() for person in people}
        outcomes = self.env["veloc.notice"]._send(list(notices.values()))
        groups = {}
        for person in people:
            outcome = outcomes[notices[person.id]["key"]]
            groups.setdefault(outcome, people.browse())
            groups[outcome] |= person
        now = fields.Datetime.now()
        for outcome, group in groups.items():
            if outcome in REACHED:
                group.write({"letter_state": "sent", "letter_at": now})
            else:
                group.write({"letter_state": "failed", "letter_reason": outcome})

    def _learn_failures(self):
        """Note letters that were handed over and did not arrive; see messaging."""
        return

    # === THE PUBLIC PAGE === #

    @api.model
    def _public_notices(self):
        """Return the notices that stand now, the newest first."""
        now = fields.Datetime.now()
        return self.search(
            [("public_from", "<=", now), ("public_until", ">", now)],
            order="public_from desc",
        )

    def _public_values(self, lang):
        """Return what the page shows: the approved words and nothing else."""
        self.ensure_one()
        subject, text = self._approved("public", lang)._fill("")
        local = self.with_context(tz=DEFAULT_ZONE)
        return {
            "code": self.public_code,
            "title": subject,
            "paragraphs": text.split("\n\n"),
            "published": local._day(self.public_from, lang),
            "until": local._day(self.public_until, lang),
        }

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import CHANNELS
from ...rules import privacy_request

_logger = logging.getLogger(__name__)
SOURCE = "privacy_request"
RETRY_AFTER = timedelta(hours=1)


class VelocPrivacyRequest(models.Model):
    """What is done for each right: begun, carried out, told to whoever must know."""

    _inherit = "veloc.privacy.request"

    has_job = fields.Boolean(readonly=True, help="A job makes the files of it.")
    job_failed_at = fields.Datetime(readonly=True)

    # === START === #

    def _start_work(self, inline=False):
        """Begin with a proven request; what needs no judgement is done at once.

        Files take time: a job makes them unless ``inline``.
        """
        self.ensure_one()
        flow = privacy_request.FLOWS[self.kind]
        if flow.package and not inline:
            self.has_job = True
            # sudo: whoever proved the identity need not be able to run jobs.
            self.env.ref("veloc_compliance.ir_cron_privacy_work").sudo()._trigger()
            return
        self.has_job = False
        self._add_steps(flow)
        starter = getattr(self, f"_start_{self.kind}", None)
        if starter:
            starter()
        if flow.at_once:
            self._carry_out()
            self._answer()
        else:
            self._draft_answer()

    def _add_steps(self, flow):
        known = set(self.step_ids.mapped("code"))
        self.env["veloc.privacy.step"].create(
            [
                {"request_id": self.id, "code": code, "sequence": number}
                for number, code in enumerate(flow.steps)
                if code not in known
            ]
        )

    def _start_access(self):
        self.env["veloc.privacy.package"]._make(self, "declaration")

    def _start_correction(self):
        self.env["veloc.privacy.correction"]._propose(self)

    def _start_elimination(self):
        self.measure = self.measure or "eliminate"

    def _start_opposition(self):
        """What rests on legitimate interest stops at once; the rest is examined."""
        count = self._withdraw("legitimate_interest")
        self._close_channels()
        self._remember("carried_out", withdrawn=count)

    def _start_automated_review(self):
        self.env["veloc.privacy.review"]._collect(self)

    # === CARRY OUT === #

    def _carry_out(self):
        """Do what the right commands, tick what that proves, tell the recipients."""
        self.ensure_one()
        # Erasure takes the address away; the answer still has to reach the person.
        address = self.partner_id.email_normalized
        doer = getattr(self, f"_do_{self.kind}", None)
        done = (doer() if doer else None) or {}
        flow = privacy_request.FLOWS[self.kind]
        if flow.propagates and "tell_recipients" not in done:
            self._propagate()
        self._remember("carried_out", **{k: v for k, v in done.items() if v})
        by_itself = self.step_ids.filtered(
            lambda s: s.code in ("carry_out", "apply_values", "tell_recipients")
        )
        by_itself.filtered(lambda s: not s.done_at)._tick(self)
        self._draft_answer()
        if self.kind == "elimination" and self.measure != "block":
            self._answer(address)

    def _do_portability(self):
        package = self.env["veloc.privacy.package"]._make(self, "portability")
        return {"package": package.id}

    def _do_revocation(self):
        return {"withdrawn": self._withdraw("consent")}

    def _do_correction(self):
        applied = self.correction_ids._apply(self)
        self.step_ids.filtered(lambda s: s.code == "decide_values")._tick(self)
        return {"fields": ",".join(applied.mapped("field"))}

    def _do_consent_elimination(self):
        partners = self._partners()
        withdrawn = self._withdraw("consent")
        self._propagate()
        erased = self.env["veloc.personal.data"]._erase_consented(partners)
        return {"withdrawn": withdrawn, "erased": erased, "tell_recipients": True}

    def _do_elimination(self):
        partners = self._partners()
        # While we still know who it is: recipients must find the person.
        self._propagate()
        self._withdraw("consent")
        self._withdraw("legitimate_interest")
        self.env["veloc.suppression"]._impose(
            partners.ids, "blocklist", source=SOURCE, note=self.number
        )
        if self.measure != "block":
            reason = self.env._("Request %(number)s", number=self.number)
            self.env["veloc.erasure"]._erase(partners, reason, request=self)
        return {"measure": self.measure, "tell_recipients": True}

    def _do_opposition(self):
        return {"withdrawn": self._withdraw("legitimate_interest")}

    # === CONSENTS AND OBJECTIONS === #

    def _withdraw(self, basis):
        """Take back every word on purposes of this basis, on every channel."""
        purposes = self.env["veloc.purpose"]._revocable()
        codes = purposes.filtered(lambda p: p.legal_basis == basis).mapped("code")
        items = [
            {
                "partner_id": partner.id,
                "purpose": code,
                "channel": channel,
                "granted": False,
                "source": SOURCE,
                "evidence": self.number,
            }
            for partner in self._partners()
            for code in codes
            for channel, _label in CHANNELS
        ]
        answers = self.env["veloc.consent"].record(items) if items else []
        return len([answer for answer in answers if "id" in answer])

    def _close_channels(self):
        for channel, _label in CHANNELS:
            self.env["veloc.suppression"]._impose(
                self._partners().ids,
                "opt_out",
                channel=channel,
                source=SOURCE,
                note=self.number,
            )

    # === RECIPIENTS === #

    def _propagate(self):
        """Queue word to everybody the data were shared with (art. 18 § 6)."""
        self.env["veloc.privacy.propagation"]._tell(self)

    # === ACTIONS === #

    def action_carry_out(self):
        """Do what the request asks for (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        request_sudo._check_in_progress()
        irreversible = request_sudo.kind in ("elimination", "consent_elimination")
        if irreversible and not self.env.user.has_group(
            "veloc_compliance.group_officer"
        ):
            raise UserError(
                self.env._("Only the encarregado destroys data: it cannot be undone.")
            )
        request_sudo._check_prepared()
        request_sudo._carry_out()
        return True

    def _check_prepared(self):
        """What must be looked at before anything is destroyed or changed."""
        before = ("check_holds", "check_withdrawals", "check_basis")
        left = self.step_ids.filtered(lambda s: s.code in before and not s.done_at)
        if left:
            labels = dict(left._fields["code"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Check first: %(steps)s",
                    steps="; ".join(labels[step.code] for step in left),
                )
            )

    # === JOBS === #

    @api.model
    def _cron_work(self):
        """Look up who asks, make files, tell recipients; a commit after each."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=self._count_work())
        while time_left and (request := self._next_work()):
            request._work_safely()
            time_left = cron._commit_progress(1)
        if time_left:
            self.env["veloc.privacy.propagation"]._send_queued()

    def _work_safely(self):
        """Do what waits; one that fails tells the desk and holds up nobody else."""
        try:
            with self.env.cr.savepoint():
                if self.state == "received":
                    self._identify()
                else:
                    self._start_work(inline=True)
        except Exception as error:
            _logger.exception("Request %s could not be worked on", self.id)
            self.job_failed_at = fields.Datetime.now()
            self.env["veloc.alert"]._raise(
                "privacy_work_failed",
                key=str(self.id),
                detail=f"{self.number}: {type(error).__name__}",
                severity="critical",
                res_model=self._name,
                res_id=self.id,
            )

    @api.model
    def _work_domain(self):
        again = fields.Datetime.now() - RETRY_AFTER
        return [
            "|",
            ("state", "=", "received"),
            ("has_job", "=", True),
            "|",
            ("job_failed_at", "=", False),
            ("job_failed_at", "<=", again),
        ]

    @api.model
    def _count_work(self):
        return self.search_count(self._work_domain())

    @api.model
    def _next_work(self):
        """Return one request with work to do that no other server has in hand."""
        waiting = self.search(self._work_domain(), order="received_at, id", limit=50)
        return waiting.try_lock_for_update(limit=1)

    @api.model
    def _cron_deadlines(self):
        """End what nobody proved, forget old files, notice recipients who are late."""
        ended = self._expire_unproven()
        gone = self.env["veloc.privacy.package"]._expire()
        late = self.env["veloc.privacy.propagation"]._mark_overdue()
        self.env["ir.cron"]._commit_progress(ended + gone + late)

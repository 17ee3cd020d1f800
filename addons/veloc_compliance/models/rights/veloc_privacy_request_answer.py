from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...rules import privacy_request


class VelocPrivacyRequest(models.Model):
    """What we write to the person: letters, the refusal, the extension, the answer."""

    _inherit = "veloc.privacy.request"

    # === LETTERS === #

    def _letter_lang(self):
        """Return the language of the letter: the person's, else the page's."""
        partners = self.env["res.partner"]
        wanted = self.partner_id.lang or self.lang
        return partners._veloc_installed_lang(wanted) or "en_US"

    def _letter_values(self, lang):
        self.ensure_one()
        request = self.with_context(lang=lang)
        labels = dict(request._fields["kind"]._description_selection(request.env))
        company = self.company_id or self.env.company
        grounds = dict(
            request._fields["deny_ground"]._description_selection(request.env)
        )
        return {
            "first_name": (self.partner_id.name or "").split(" ")[0],
            "number": self.number,
            "kind": labels[self.kind],
            "article": self.article,
            "received_on": format_date(self.env, self.received_at, lang_code=lang),
            "due_on": format_date(self.env, self.due_at, lang_code=lang),
            "reason": self.deny_reason or self.extension_note or "",
            "ground": grounds.get(self.deny_ground, ""),
            "company": company.name,
            "officer": company.email or "",
        }

    def _send_letter(self, code, occasion, values, email=None, files=()):
        """Write and send a letter; return the outcome (``sent`` or why not)."""
        self.ensure_one()
        lang = self._letter_lang()
        filled = {**self._letter_values(lang), **values}
        letters = self.env["veloc.privacy.letter"]
        subject, text = letters._write_letter(code, filled, lang)
        return self._send_text(code, occasion, subject, text, email, files)

    def _send_text(self, code, occasion, subject, text, email=None, files=()):
        key = f"privacy:{self.id}:{occasion}"
        notice = {
            "code": f"privacy_{code}",
            "subject": subject,
            "text": text,
            "key": key,
            "attachments": list(files),
        }
        notice |= {"email": email} if email else {"partner_id": self.partner_id.id}
        outcome = self.env["veloc.notice"]._send([notice])[key]
        self._remember("letter" if outcome == "sent" else "letter_failed", letter=code)
        return outcome

    def _answer_address(self):
        """Return the representative's address once their mandate was accepted."""
        told = self._told().get("representative") or {}
        return told.get("email") if self.is_representative else None

    # === THE ANSWER === #

    def _draft_answer(self):
        """Write the answer of this kind into the form, where staff may change it."""
        lang = self._letter_lang()
        request = self.with_context(lang=lang)
        values = {**self._letter_values(lang), "details": request._answer_details()}
        letters = self.env["veloc.privacy.letter"]
        subject, text = letters._write_letter(self.kind, values, lang)
        self.write({"answer_subject": subject, "answer_text": text})

    def _answer(self, address=None):
        """Send the answer and close; files are open to the person from now on."""
        self.ensure_one()
        if not self.answer_text:
            self._draft_answer()
        text = self.answer_text
        if self.package_ids:
            self.package_ids._release()
        # Whoever was erased has nothing left to look at.
        if self.origin != "portal" and not address:
            text = f"{text}\n\n{self._link_line(self._new_letter_token())}"
        outcome = self._send_text(
            self.kind,
            "answer",
            self.answer_subject,
            text,
            self._answer_address() or address,
        )
        self._move("done", answered_by_id=self.env.uid)
        return outcome

    def _link_line(self, token):
        lang = self._letter_lang()
        base = self.env["veloc.contact.gate"]._public_url()
        env = self.with_context(lang=lang).env
        return env._(
            "Follow your request, and fetch files if there are any, here:\n%(url)s",
            url=f"{base}/veloc/privacy/{token}",
        )

    # === ACTIONS === #

    def action_draft(self):
        """Write the answer anew from its template (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        request_sudo._check_in_progress()
        request_sudo._draft_answer()
        return True

    def action_answer(self):
        """Send the answer and close the request (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        request_sudo._check_in_progress()
        left = request_sudo.step_ids.filtered(lambda step: not step.done_at)
        if left:
            labels = dict(left._fields["code"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Still to do: %(steps)s",
                    steps="; ".join(labels[step.code] for step in left),
                )
            )
        request_sudo._answer()
        return True

    def action_wait(self):
        """Wait for something from the person; the term goes on (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        if request_sudo._move("waiting"):
            occasion = f"waiting:{len(request_sudo.event_ids)}"
            request_sudo._send_letter("waiting", occasion, {})
        return True

    def action_resume(self):
        """What we waited for is here, or the refusal is taken back (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        if request_sudo.verified_at:
            request_sudo._move("in_progress", closed_at=False)
        return True

    def _deny(self, ground, reason):
        """Refuse, with the reason and the ground in law; the person is told both."""
        self.ensure_one()
        request_sudo = self._check_worker()
        fault = privacy_request.refusal_refusal(reason, ground)
        if fault == "no_ground":
            raise UserError(self.env._("A refusal needs its legal ground."))
        if fault:
            raise UserError(self.env._("Give the reason in a sentence."))
        values = {"deny_ground": ground, "deny_reason": reason.strip()}
        if not request_sudo._move("denied", **values):
            raise UserError(self.env._("This request is closed already."))
        # Whoever did not prove who they are learns nothing, not even this.
        if request_sudo.verified_at:
            occasion = f"denied:{len(request_sudo.event_ids)}"
            to = request_sudo._answer_address()
            request_sudo._send_letter("denied", occasion, {}, to)
        return True

    def _extend(self, until, reason, note):
        """Move the term, with a reason that the person is told."""
        self.ensure_one()
        request_sudo = self._check_worker()
        request_sudo._check_in_progress()
        fault = privacy_request.extension_refusal(
            request_sudo.due_at, request_sudo.first_due_at, until
        )
        if fault == "not_later":
            raise UserError(self.env._("The new term must be later than this one."))
        if fault:
            raise UserError(
                self.env._("A term can be moved by fifteen days at the most.")
            )
        if not (reason and (note or "").strip()):
            raise UserError(self.env._("Say why the answer takes longer."))
        request_sudo.write(
            {"due_at": until, "extension_reason": reason, "extension_note": note}
        )
        request_sudo._remember("extended", until=fields.Datetime.to_string(until))
        occasion = f"extended:{len(request_sudo.event_ids)}"
        request_sudo._send_letter("extended", occasion, {"reason": note})
        return True

    def _check_in_progress(self):
        if self.state not in ("in_progress", "waiting"):
            raise UserError(self.env._("This request is not being worked on."))

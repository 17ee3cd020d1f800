import hashlib
import hmac

from odoo import api, fields, models

from ...rules import capture_ticket, touch
from ...rules.person import read_email

# What a page may tell besides a form: what is counted, and in which column.
COUNTS = {
    "show": "shows",
    "close": "closes",
    "signup_left": "signups_left",
    "deposit_left": "deposits_left",
}
STARTS = {"signup_started": "signups_started", "deposit_started": "deposits_started"}


class VelocCaptureDoor(models.AbstractModel):
    """Views, closings, and the broker's own forms that somebody began to fill in."""

    _inherit = "veloc.capture.door"

    @api.model
    def _note(self, form, body):
        """Take a note of the page. Return ``(status, answer)``; always the same one."""
        kind = str(body.get("kind"))
        ticket, fault = capture_ticket.read(
            body.get("ticket"), form.code, form._key("ticket"), fields.Datetime.now()
        )
        if ticket is None or fault == "expired_ticket":
            return self._refuse(400 if ticket is None else 409, fault)
        days = self.env["veloc.capture.day"]
        nobody = form.variant_ids.browse()
        if kind in ("show", "close"):
            variant = form.variant_ids.filtered(lambda v: v.id == ticket.variant)
            days._count(form, variant, COUNTS[kind])
        elif kind in COUNTS:
            days._count(form, nobody, COUNTS[kind])
        elif kind in STARTS:
            if self._begin(form, kind, body):
                days._count(form, nobody, STARTS[kind])
        else:
            return self._refuse(422, "malformed")
        return 200, {"status": "ok"}

    def _begin(self, form, kind, body):
        """Store that somebody began; only with the word of their consent."""
        if body.get("consent") is not True:
            return False
        if kind == "signup_started":
            return form.tracks_signup and self._begin_signup(form, body)
        return form.tracks_deposit and self._begin_deposit(form, body)

    def _begin_signup(self, form, body):
        email = body.get("email")
        email = read_email(email) if isinstance(email, str) else None
        if not email:
            return False
        now = fields.Datetime.now()
        print_ = self._print(form, email)
        data = self._data(form, body, now)
        partner = self._contact_of(email)
        if partner and not partner.veloc_trader_ids:
            # A colleague or supplier: anybody may have typed their address.
            return True
        if not partner:
            data["email"] = email
            data["language"] = self.env.lang
        # Once a day and address, however often it is typed or sent again.
        event_id = f"signup:{now.date()}:{print_}"
        self._tell(
            form, partner, "signup_started", event_id, data, now, f"web-{print_}"
        )
        return True

    def _begin_deposit(self, form, body):
        """Store a deposit begun by a trader whom the broker's server has named."""
        ref, proof = body.get("trader"), body.get("proof")
        if not isinstance(ref, str) or not 0 < len(ref) <= 128:
            return False
        if not capture_ticket.is_proven(ref, proof, form._key("site")):
            return False
        known = self.env["veloc.ingest"]._find_refs({ref}).get(ref)
        if not known or known.company_id != form.company_id.id:
            return False
        partner = self.env["res.partner"].browse(known.partner_id)
        now = fields.Datetime.now()
        event_id = f"deposit:{now:%Y%m%d%H}:{self._print(form, ref)}"
        data = self._data(form, body, now)
        self._tell(form, partner, "deposit_started", event_id, data, now)
        return True

    def _contact_of(self, email):
        """Return the one contact with this address, or none."""
        people = self.env["res.partner"].search(
            [("email_normalized", "=", email)], limit=2
        )
        return people if len(people) == 1 else people.browse()

    def _data(self, form, body, now):
        last = touch.read_pair(body.get("touches"), now).get("last")
        utm = last.labels if last else {}
        return {"form": form.code, "site_consent": True, **utm}

    def _print(self, form, text):
        """Return what stands for an address in ids: nobody reads it back."""
        digest = hmac.new(form._key("print"), text.encode(), hashlib.sha256)
        return digest.hexdigest()[:16]

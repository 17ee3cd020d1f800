"""What the broker's site asks for and sends: configuration, submissions, events."""

import secrets
from datetime import UTC

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import capture_form, capture_split, capture_ticket, touch

MAX_VISITOR = 64
# First half of an advisory lock; the second is made of an e-mail address.
ADDRESS_LOCK = 7_602_004


class VelocCaptureDoor(models.AbstractModel):
    """Behind the public routes; anonymous callers, hence private throughout."""

    _name = "veloc.capture.door"
    _description = "Capture: what the site asks and sends"

    @api.model
    def _find(self, code, origin=None):
        """Return the live form of that code that this site may show; else empty."""
        forms = self.env["veloc.capture.form"]
        form = forms.search([("code", "=", code), ("state", "=", "live")])
        return form if origin is None or origin in form._origins() else forms

    # === WHAT THE PAGE SHOWS === #

    @api.model
    def _config(self, form, visitor=None, is_preview=False):
        """Return everything the script needs, in the language of the context.

        Nothing is stored: the ticket is signed, and comes back with the form.
        """
        variant = self._variant(form, visitor)
        ticket = capture_ticket.Ticket(
            form.code, variant.id, secrets.token_hex(12), fields.Datetime.now()
        )
        return {
            "form": form.code,
            "lang": (self.env.lang or "en_US").replace("_", "-"),
            "ticket": capture_ticket.issue(ticket, form._key("ticket")),
            "preview": is_preview,
            "triggers": self._triggers(form),
            "pause_days": form.pause_days,
            "phone": form.asks_phone,
            "track": {"signup": form.tracks_signup, "deposit": form.tracks_deposit},
            "texts": self._texts(form, variant),
            "purposes": self._purposes(form),
        }

    def _variant(self, form, visitor):
        """Return the visitor's variant; who is not known gets one by chance."""
        weights = [(variant.id, variant.weight) for variant in form.variant_ids]
        known = isinstance(visitor, str) and 0 < len(visitor) <= MAX_VISITOR
        who = visitor if known else secrets.token_hex(8)
        picked = capture_split.pick(who, form.code, weights)
        return form.variant_ids.browse(picked) if picked else form.variant_ids[:1]

    def _triggers(self, form):
        chosen = {
            "exit": form.on_exit and 1,
            "idle": form.on_idle and form.idle_seconds,
            "scroll": form.on_scroll and form.scroll_percent,
            "delay": form.on_delay and form.delay_seconds,
        }
        return {name: value for name, value in chosen.items() if value}

    def _texts(self, form, variant):
        _ = self.env._
        return {
            "title": variant.title,
            "body": variant.body,
            "offer": variant.offer or "",
            "button": variant.button,
            "risk": form.risk_notice or "",
            "name": _("Name"),
            "email": _("E-mail"),
            "phone": _("Mobile phone (optional)"),
            "choose": _("Nothing is ticked unless you tick it."),
            "notice": _("How we use your data"),
            "close": _("Close"),
            "sending": _("Sending…"),
            "thanks": _(
                "Almost there: please open the e-mail we have just sent you and "
                "confirm. Without that nothing is stored under your name."
            ),
            "preview": _("This is a preview: nothing was sent."),
            "failed": _("That did not work. Please try again in a moment."),
        }

    def _purposes(self, form):
        """Return what can be ticked, each with the words in force and their hash."""
        base = self.env["veloc.contact.gate"]._public_url()
        labels = self.env["veloc.preference.center"]._channel_labels()
        lang = self.env.lang
        return [
            {
                "code": purpose.code,
                "name": purpose.name,
                "text": purpose.current_version_id._statement(),
                "version": purpose.current_version_id.number,
                "hash": purpose.current_version_id._text_hash(lang),
                "notice_url": f"{base}/veloc/notice/{purpose.code}?lang={lang}",
                "channels": [[code, labels[code]] for code in form._channels()],
            }
            for purpose in form.purpose_ids.filtered("current_version_id")
        ]

    # === WHAT IT SENDS === #

    @api.model
    def _submit(self, form, body, visit):
        """Take a form: ask its owner to confirm. Return ``(status, answer)``.

        Whoever it is, known or not, the answer is the same. ``visit``: from where
        (``ip``) and with what (``user_agent``), for the proof.
        """
        done = 200, {"status": "ok"}
        if capture_form.is_trap(body):
            return done
        ticket, fault = capture_ticket.read(
            body.get("ticket"), form.code, form._key("ticket"), fields.Datetime.now()
        )
        if fault:
            return self._refuse(400 if fault == "bad_ticket" else 409, fault)
        reading = capture_form.read(body, form.asks_phone)
        if reading.errors:
            return self._refuse(422, "invalid_fields", reading.errors)
        if capture_form.stale_boxes(reading.boxes, self._in_force(form)):
            return self._refuse(409, "stale_text")
        self._wait_turn(reading.email)
        submissions = self.env["veloc.capture.submission"]
        if not submissions._is_known(ticket.nonce):
            variant = form.variant_ids.filtered(lambda v: v.id == ticket.variant)
            self._ask(form, variant, ticket, reading, body, visit)
            self.env["veloc.capture.day"]._count(form, variant, "submissions")
        return done

    def _wait_turn(self, email):
        """Take what comes from one address one after the other: two tabs, two clicks.

        The second finds what the first has stored.
        """
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", ADDRESS_LOCK, email)
        )

    def _in_force(self, form):
        return {
            (purpose["code"], channel): (purpose["version"], purpose["hash"])
            for purpose in self._purposes(form)
            for channel, _label in purpose["channels"]
        }

    def _ask(self, form, variant, ticket, reading, body, visit):
        """Send the confirmation, and keep what was sent beside it until then."""
        source = f"capture:{form.code}"
        by_purpose = {}
        for box in reading.boxes:
            entry = {"purpose": box.purpose, "version": box.version, "channels": []}
            by_purpose.setdefault(box.purpose, entry)["channels"].append(box.channel)
        item = {
            "email": reading.email,
            "name": reading.name,
            "purposes": list(by_purpose.values()),
            "source": source,
            "language": self.env.lang,
            "ip": visit.get("ip") or None,
            "user_agent": (visit.get("user_agent") or "")[:512] or None,
            "evidence": self._evidence(form, variant, reading, body),
        }
        consents = self.env["veloc.consent"].with_company(form.company_id)
        (answer,) = consents._ask_confirmation([item])
        if answer.get("status") != "sent":
            return  # asked already, or too often: what waits stays as it was
        pending = self.env["veloc.consent.pending"].search(
            [
                ("email", "=", reading.email),
                ("source", "=", source),
                ("state", "=", "waiting"),
            ],
            order="id desc",
            limit=1,
        )
        now = fields.Datetime.now()
        self.env["veloc.capture.submission"].create(
            {
                "form_id": form.id,
                "variant_id": variant.id,
                "pending_id": pending.id,
                "phone": reading.phone,
                "touches": touch.as_json(touch.read_pair(body.get("touches"), now)),
                "nonce": ticket.nonce,
                "sent_at": now,
            }
        )

    def _evidence(self, form, variant, reading, body):
        """Return where and what was ticked, for the proof of the consent."""
        texts = sorted({(b.purpose, b.version, b.text_hash) for b in reading.boxes})
        page = touch.read_page(body.get("page")) or "?"
        read = "; ".join(f"{code} v{number} {print_}" for code, number, print_ in texts)
        return self.env._(
            "Form %(form)s, variant %(variant)s, on %(page)s. Texts: %(texts)s",
            form=form.code,
            variant=variant.name or "",
            page=page,
            texts=read,
        )

    # === ERRORS === #

    def _refuse(self, status, code, faults=None):
        """Return an answer of the contract's shape, in the language of the context."""
        words = capture_form.MESSAGES
        first = next(iter(faults.values())) if faults else code
        error = {"code": code, "message": self.env._(words[first])}
        if faults:
            error["fields"] = {
                name: {"code": fault, "message": self.env._(words[fault])}
                for name, fault in faults.items()
            }
        return status, {"error": error}

    # === EVENTS === #

    @api.model
    def _tell(self, form, partner, kind, event_id, data, now, ref=None):
        """Store an event about a person by the ingest's road; return their trader."""
        traders = self.env["veloc.trader"]
        trader = traders.search([("partner_id", "=", partner.id)]) if partner else None
        company = (trader and trader.company_id) or form.company_id
        ref = trader.external_ref if trader else ref or f"web-{event_id[-16:]}"
        event = {
            "id": event_id,
            "type": kind,
            "trader": ref,
            "at": now.replace(tzinfo=UTC).isoformat(),
            "data": data,
        }
        ingest = self.env["veloc.ingest"].with_company(company)
        if partner and not trader:
            ingest = ingest.with_context(veloc_contact_of={ref: partner.id})
        answer = ingest._run(f"capture:{form.code}", [event])
        # An erased person's events are refused: there is no trader then.
        is_stored = not answer["rejected"]
        found = traders.search([("external_ref", "=", ref)])
        return found if is_stored else traders

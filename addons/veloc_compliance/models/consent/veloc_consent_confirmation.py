from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import confirmation, consent_item


class VelocConsent(models.Model):
    """Asking by e-mail for a consent that was ticked in a form (double opt-in)."""

    _inherit = "veloc.consent"

    @api.model
    def ask_confirmation(self, items):
        """Ask people to confirm what was ticked for them; see ``_ask_confirmation``.

        For officers and programs (``group_recorder``).
        """
        if not (
            self.env.su or self.env.user.has_group("veloc_compliance.group_recorder")
        ):
            raise AccessError(self.env._("You may not record consents."))
        return self._ask_confirmation(items)

    @api.model
    def _ask_confirmation(self, items):
        """Send each address one mail with a link; nothing is recorded until it is used.

        An item: ``email``, ``purposes`` (``[{"purpose", "channels", "version"?}]``),
        ``source`` (the form), and optionally ``partner_id``, ``name``, ``language``,
        ``ip``, ``user_agent``, ``evidence``. Answers, in order, ``{"index", "status"}``
        (sent, waiting: asked already, too_many: try later) or ``{"index", "code",
        "message"}``. A visitor must be shown the same whatever the answer.
        """
        if not isinstance(items, list | tuple):
            raise UserError(self.env._("Send a list of consents."))
        # sudo: programs may ask without reading the catalogue or the contacts.
        self = self.sudo()
        now = fields.Datetime.now()
        asks = [confirmation.read(raw) for raw in items]
        resolve = self._ask_resolver(asks)
        found = [resolve(ask) for ask in asks]
        values = [self._prepare_pending(*pair, now) for pair in found if _is_ask(pair)]
        fresh = [value for value in values if not self._is_too_often(value)]
        stored = self.env["veloc.consent.pending"]._store(fresh, now)
        self._send_confirmations(fresh, stored)
        return self._answers(found, iter(values), fresh, stored)

    def _ask_resolver(self, asks):
        """Return a function from an ask to ``(ask, boxes)`` or its fault."""
        good = [ask for ask in asks if isinstance(ask, confirmation.Ask)]
        purposes = self.env["veloc.purpose"]._published_by_code()
        ids = {ask.partner_id for ask in good if ask.partner_id}
        known = self.env["res.partner"].browse(ids).exists()
        addresses = {partner.id: partner.email_normalized for partner in known}

        def resolve(ask):
            if isinstance(ask, consent_item.Fault):
                return ask
            if ask.partner_id and ask.partner_id not in addresses:
                return consent_item.Fault("unknown_partner", "partner_id")
            if ask.partner_id and addresses[ask.partner_id] != ask.email:
                # The link opens the person's own page: only their mailbox may get it.
                return consent_item.Fault("other_address", "email")
            boxes = []
            for wish in ask.wishes:
                version = self._version_of_wish(purposes.get(wish.purpose), wish)
                if isinstance(version, consent_item.Fault):
                    return version
                boxes.append((version.id, wish.channel))
            return ask, boxes

        return resolve

    def _version_of_wish(self, purpose, wish):
        if wish.purpose.strip().lower() in consent_item.GENERIC_CODES:
            return consent_item.Fault("generic_purpose", "purpose")
        if purpose is None:
            return consent_item.Fault("unknown_purpose", "purpose")
        if not purpose.is_revocable:
            return consent_item.Fault("not_consent_based", "purpose")
        version = purpose._version_shown(wish.version)
        return version or consent_item.Fault("unknown_version", "version")

    def _prepare_pending(self, ask, boxes, now):
        hours = self.env["veloc.consent.pending"]._hours()
        boxes = list(dict.fromkeys(boxes))
        return {
            "email": ask.email,
            "name": ask.name or None,
            "partner_id": ask.partner_id,
            "state": "waiting",
            "fingerprint": confirmation.fingerprint(ask.email, boxes),
            "source": ask.texts["source"],
            "language": ask.texts.get("language"),
            "ip": ask.texts.get("ip"),
            "user_agent": ask.texts.get("user_agent"),
            "evidence": ask.texts.get("evidence"),
            "requested_at": now,
            "expires_at": now + timedelta(hours=hours),
            "create_uid": self.env.uid,
            "create_date": now,
            "boxes": boxes,
        }

    def _is_too_often(self, value):
        """Return whether this address, or the place it came from, had enough mails."""
        limits = self.env["veloc.rate.limit"]
        waits = [
            limits._hit(
                "confirmation.address",
                value["email"],
                confirmation.PER_ADDRESS,
                confirmation.PER_ADDRESS_SECONDS,
            )
        ]
        if value["ip"]:
            waits.append(
                limits._hit(
                    "confirmation.ip",
                    value["ip"],
                    confirmation.PER_IP,
                    confirmation.PER_IP_SECONDS,
                )
            )
        return any(waits)

    def _send_confirmations(self, values, stored):
        base = self.env["veloc.contact.gate"]._public_url()
        notices = []
        for value in {v["fingerprint"]: v for v in values}.values():
            if value["fingerprint"] in stored:
                id_, token = stored[value["fingerprint"]]
                url = f"{base}/veloc/confirm/{token}"
                notices.append(self._prepare_confirmation(value, id_, url))
        self.env["veloc.notice"]._send(notices)

    def _prepare_confirmation(self, value, id_, url):
        wanted = self.env["res.partner"]._veloc_installed_lang(value["language"])
        center = self.env["veloc.preference.center"]
        nobody = self.env["res.partner"]
        env = self.with_context(lang=center._language(nobody, wanted)).env
        company = env.company.name
        versions = env["veloc.purpose.version"].browse(v for v, _c in value["boxes"])
        names = dict.fromkeys(version.purpose_id.name for version in versions)
        return {
            "email": value["email"],
            "code": "consent_confirmation",
            "key": f"confirm:{id_}",
            "subject": env._(
                "Please confirm: messages from %(company)s", company=company
            ),
            "text": env._(
                "Somebody, probably you, asked %(company)s to write to this address "
                "about:\n\n%(purposes)s\n\nIf it was you, open this page and press the "
                "button:\n%(url)s\n\nIf it was not you, do nothing: nothing is stored "
                "under your name and we do not write again. The link works for "
                "%(days)s days.",
                company=company,
                purposes="\n".join(f"• {name}" for name in names),
                url=url,
                days=max(round(env["veloc.consent.pending"]._hours() / 24), 1),
            ),
        }

    def _answers(self, found, values, fresh, stored):
        """Return what the caller hears about each ask, in order."""
        sent, answers = set(), []
        for index, pair in enumerate(found):
            answer = {"index": index}
            if not _is_ask(pair):
                answer |= {"code": pair.code, "message": self._fault_message(pair)}
            else:
                value = next(values)
                print_ = value["fingerprint"]
                is_new = print_ in stored and print_ not in sent
                status = "sent" if is_new else "waiting"
                answer["status"] = status if value in fresh else "too_many"
                sent.add(print_)
            answers.append(answer)
        return answers


def _is_ask(pair):
    return isinstance(pair, tuple)

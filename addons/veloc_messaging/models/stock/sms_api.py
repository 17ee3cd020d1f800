"""Stands where Odoo expects an SMS provider, and hands over to our outbox."""

from odoo.tools.translate import LazyTranslate

from odoo.addons.sms.tools.sms_api import SmsApiBase

_lt = LazyTranslate(__name__)

# What Odoo calls the trouble; the reason in words comes with it.
_REFUSALS = {
    "unknown_partner": "wrong_number_format",
    "no_address": "wrong_number_format",
    "blocklist": "veloc_blocked",
    "channel_blocked": "veloc_blocked",
    "opt_out": "veloc_refused",
}
WORDS = {
    "unknown_partner": _lt("This number belongs to no contact."),
    "no_consent": _lt("The person did not agree to be contacted for this by SMS."),
    "consent_revoked": _lt("The person withdrew their consent."),
    "opt_out": _lt("The person asked for no more texts."),
    "too_early": _lt("Outside the hours in which this person may be contacted."),
    "no_account": _lt("No account sends SMS."),
    "text_too_long": _lt("The text is too long."),
}


class VelocSmsApi(SmsApiBase):
    """Odoo's batch of texts becomes rows of the outbox; nothing leaves from here."""

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        "veloc_refused": "sms_optout",
        "veloc_blocked": "sms_blacklist",
        "veloc_failed": "sms_server",
    }

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        numbers = [
            (message["content"], number)
            for message in messages
            for number in message["numbers"]
        ]
        # sudo: the gate decides; the sender has no access to texts and outbox.
        env = self.env(su=True)
        known = {
            sms.uuid: sms
            for sms in env["sms.sms"].search(
                [("uuid", "in", [number["uuid"] for _content, number in numbers])]
            )
        }
        texts = [
            {
                "number": number["number"],
                "body": content,
                "uuid": number["uuid"],
                "partner_id": (sms := known.get(number["uuid"])) and sms.partner_id.id,
                "is_service": bool(sms and sms.veloc_service),
            }
            for content, number in numbers
        ]
        answers = env["veloc.stock.gate"].with_company(self.company)._send_sms(texts)
        return [
            self._result(text, answer)
            for text, answer in zip(texts, answers, strict=True)
        ]

    def _result(self, text, answer):
        if answer["outcome"] in ("queued", "duplicate"):
            return {"uuid": text["uuid"], "state": "processing"}
        reason = answer["reason"] or "veloc_failed"
        default = "veloc_refused" if answer.get("rule") else "veloc_failed"
        words = WORDS.get(reason)
        return {
            "uuid": text["uuid"],
            "state": _REFUSALS.get(reason, default),
            "failure_reason": str(words) if words else reason,
        }

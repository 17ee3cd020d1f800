from odoo import api, fields, models
from odoo.tools import SQL

SERVICE_CODE, MARKETING_CODE = "account_service", "marketing"
# A text longer than this is cut by the template's variable: it is refused instead.
LONGEST = 600
# Our state -> Odoo's, and what it calls the trouble.
_ENDS = {
    "accepted": ("pending", False),
    "sent": ("pending", False),
    "delivered": ("sent", False),
    "read": ("sent", False),
    "failed": ("error", "sms_server"),
    "undelivered": ("error", "sms_server"),
    "blocked": ("error", "sms_optout"),
    "expired": ("error", "sms_server"),
    "cancelled": ("error", "sms_server"),
}


class VelocStockGate(models.AbstractModel):
    """What Odoo's own senders ask before they write to people of ours.

    What is not marked as service counts as marketing: it needs the person's consent
    and keeps their hours.
    """

    _name = "veloc.stock.gate"
    _description = "Gate for Odoo's own senders"

    @api.model
    def _ask(self, partner_ids, channel, is_service, now):
        """Return {partner id: verdict}, the allowing ones recorded."""
        purpose = self._purpose(is_service)
        gate = self.env["veloc.contact.gate"]
        asks = [(id_, purpose.id, channel) for id_ in dict.fromkeys(partner_ids)]
        verdicts = gate._ask(asks, now) if asks else []
        gate._record_allowed(asks, verdicts, now)
        return {ask[0]: verdict for ask, verdict in zip(asks, verdicts, strict=True)}

    @api.model
    def _purpose(self, is_service):
        code = SERVICE_CODE if is_service else MARKETING_CODE
        return self.env.ref(f"veloc_compliance.veloc_purpose_{code}")

    @api.model
    def _ours(self, partner_ids):
        """Return which of these are people of ours: known to the gate, not staff."""
        ids = list(partner_ids)
        if not ids:
            return set()
        sources = SQL(" OR ").join(
            SQL("EXISTS (SELECT FROM %s t WHERE t.partner_id = p.id)", table)
            for table in map(SQL.identifier, self._tables())
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner p WHERE p.id = ANY(%s) AND (%s) "
                "AND NOT EXISTS (SELECT FROM res_users u WHERE u.partner_id = p.id "
                "AND u.active AND NOT u.share)",
                ids,
                sources,
            )
        )
        return {row[0] for row in rows}

    @api.model
    def _tables(self):
        """Return the tables whose rows make a contact a person of ours; extend it."""
        return ["veloc_consent", "veloc_suppression", "veloc_message"]

    @api.model
    def _by_email(self, addresses):
        """Return {normalized address: partner ids}."""
        found = {}
        if addresses:
            self.env["res.partner"].flush_model(["email_normalized"])
            for address, partner_id in self.env.execute_query(
                SQL(
                    "SELECT email_normalized, id FROM res_partner "
                    "WHERE email_normalized = ANY(%s)",
                    list(addresses),
                )
            ):
                found.setdefault(address, []).append(partner_id)
        return found

    # === SMS === #

    @api.model
    def _approve_shipped(self):
        """Bring the two shipped texts into use; for the data file.

        They hold what a sender writes, of any length: the checks of a template have
        nothing to say about them, the gate has.
        """
        for kind in ("service", "marketing"):
            version = self.env.ref(
                f"veloc_messaging.veloc_template_stock_sms_{kind}_v1",
                raise_if_not_found=False,
            )
            if version and version.state == "draft":
                version._approve(is_two_person=False)

    @api.model
    def _send_sms(self, texts, now=None):
        """Queue stock texts in our outbox; return one answer per text, in order.

        A text is a dict: number, body, uuid, partner_id, is_service.
        """
        people = self._by_number(texts)
        template = {
            kind: self.env.ref(f"veloc_messaging.veloc_template_stock_sms_{kind}")
            for kind in ("service", "marketing")
        }
        drafts = []
        for text in texts:
            partner = self._whose(text, people)
            is_service = text["is_service"] or (partner and self._is_staff(partner))
            drafts.append(
                {
                    "partner_id": partner.id if partner else None,
                    "template_id": template[
                        "service" if is_service else "marketing"
                    ].id,
                    "channel": "sms",
                    "key": f"sms:{text['uuid']}",
                    "source": f"sms.sms,{text['uuid']}",
                    "variables": {"sms_text": text["body"]},
                    "error": None
                    if len(text["body"] or "") <= LONGEST
                    else "text_too_long",
                }
            )
        answers = self.env["veloc.outbox"]._enqueue(
            drafts, now or fields.Datetime.now()
        )
        for answer in answers:
            # A stock text has no row that could wait: the sender is told the hours.
            if answer["outcome"] == "deferred":
                answer["reason"] = "too_early"
        return answers

    def _by_number(self, texts):
        self.env["res.partner"].flush_model(["phone_sanitized"])
        numbers = [text["number"] for text in texts if text["number"]]
        people = {}
        for partner_id, number in self.env.execute_query(
            SQL(
                "SELECT id, phone_sanitized FROM res_partner "
                "WHERE phone_sanitized = ANY(%s) AND active ORDER BY id",
                numbers,
            )
        ):
            people.setdefault(number, []).append(partner_id)
        return people

    def _whose(self, text, people):
        """The person named, if the number is theirs; else who has that number."""
        found = people.get(text["number"], [])
        if text.get("partner_id") in found:
            found = [text["partner_id"]]
        return self.env["res.partner"].browse(found[:1])

    @api.model
    def _report_back(self):
        """Tell Odoo's notifications what became of the texts; return how many."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, m.state FROM mail_notification n
                  JOIN sms_tracker t ON t.mail_notification_id = n.id
                  JOIN veloc_message m ON m.key = 'sms:' || t.sms_uuid
                 WHERE n.notification_type = 'sms'
                   AND n.notification_status IN ('process', 'pending')
                   AND (m.state = ANY(%s) OR (n.notification_status = 'process'
                        AND m.state IN ('accepted', 'sent')))
                 LIMIT 500
                """,
                [state for state in _ENDS if state not in ("accepted", "sent")],
            )
        )
        # sudo: notifications of other users' messages.
        trackers_sudo = self.env["sms.tracker"].sudo()
        by_state = {}
        for tracker_id, state in rows:
            by_state.setdefault(state, []).append(tracker_id)
        for state, ids in by_state.items():
            sms_state, failure = _ENDS[state]
            trackers_sudo.browse(ids)._action_update_from_sms_state(
                sms_state, failure_type=failure
            )
        return len(rows)

    def _is_staff(self, partner):
        # sudo: whether somebody works here, nothing else is read.
        users_sudo = partner.sudo().with_context(active_test=True).user_ids
        return any(not user.share for user in users_sudo)

from datetime import timedelta

from odoo import api, fields, models

# What the sandbox's browser of the name "demo-phone" would hand us.
PHONE = {
    "endpoint": "http://127.0.0.1:8070/push/demo-phone",
    "keys": {
        "p256dh": "BDzyPGlaJ6EEiuYZp690rjtwUUiQ0z1eGJPNIpiE1SM1"
        "ZMUtNx3m0_tZjxXBRskqELpPkS2KlJ0W-W0Qzhlaa_s",
        "auth": "3uTTXDfh6rX80DBzzD-6Ag",
    },
}
AGENT = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36"
CALLS = 4


class VelocDemo(models.AbstractModel):
    """A trader with notifications on, and calls for the desk to make."""

    _inherit = "veloc.demo"

    @api.model
    def _load_desk(self):
        """Queue one notification and a few calls for people who have deposited."""
        traders = self.env["veloc.trader"].search(
            [("first_deposit_at", "!=", False)], order="id", limit=CALLS + 1
        )
        people = traders.partner_id
        self._turn_on(people[:1])
        now = fields.Datetime.now()
        drafts = [self._prepare_demo_draft(people[:1], "push", now)]
        drafts += [self._prepare_demo_draft(p, "call", now) for p in people[1:]]
        self.env["veloc.message"]._enqueue(drafts, now)
        self._ask_audits_again()

    @api.model
    def _ask_audits_again(self):
        """Copy the questions in Portuguese: audits came before their translations."""
        audits = self.env["veloc.audit"].search([("state", "=", "open")])
        audits.check_ids.unlink()
        self.env["veloc.audit.check"]._copy_questions(audits)

    @api.model
    def _turn_on(self, partner):
        """Turn notifications on as the person's browser would on the page."""
        account = self.env.ref("veloc_messaging.veloc_account_sandbox_push")
        subscriptions = self.env["veloc.push.subscription"]
        subscriptions._subscribe_raw(partner, account, PHONE, AGENT)

    @api.model
    def _prepare_demo_draft(self, partner, channel, now):
        template = self.env.ref(f"veloc_messaging.veloc_template_demo_{channel}")
        return {
            "partner_id": partner.id,
            "template_id": template.id,
            "channel": channel,
            "key": f"demo:{channel}:{partner.id}",
            "source": "demo",
            "useful_until": now + timedelta(days=3),
        }

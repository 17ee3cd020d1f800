from dataclasses import replace

from odoo import models

from ..providers import base
from ..rules import push_payload


class VelocDispatcher(models.AbstractModel):
    """What web push needs besides the row: browsers, keys, the way back."""

    _inherit = "veloc.dispatcher"

    def _batch_context(self, rows):
        context = super()._batch_context(rows)
        partner_ids = {row["partner_id"] for row in rows if row["channel"] == "push"}
        if partner_ids:
            subscriptions = self.env["veloc.push.subscription"]
            context["push_devices"] = subscriptions._devices(partner_ids)
            context["push_secrets"] = {}
        return context

    def _prepare_outgoing(self, row, account, context):
        outgoing = super()._prepare_outgoing(row, account, context)
        if account.provider != "push":
            return outgoing
        text, url = push_payload.split(row["body"])
        reference = row["reference"]
        return replace(
            outgoing,
            body=text,
            devices=context["push_devices"].get((row["partner_id"], account.id), ()),
            urgency=push_payload.URGENCIES.get(row["lane"], "normal"),
            data=(
                ("url", url),
                ("reference", reference),
                ("tag", push_payload.topic(reference)),
                ("report", self._push_report_url(reference, account, context)),
            ),
        )

    def _push_report_url(self, reference, account, context):
        """Return the address at which the browser says what became of it."""
        secrets = context["push_secrets"]
        if account.id not in secrets:
            secrets[account.id] = account._secrets().main
        key = push_payload.report_key(secrets[account.id], reference)
        path = f"/veloc/webhook/push/{account.code}/{reference}?key={key}"
        return context["url"] + path

    def _after_answers(self, group, rows, now):
        gone = {endpoint for _key, result in group for endpoint in result.gone}
        reached = {
            (rows[key]["partner_id"], rows[key]["account_id"])
            for key, result in group
            if result.kind == base.ACCEPTED and rows[key]["channel"] == "push"
        }
        self.env["veloc.push.subscription"]._learn(gone, reached, now)
        return super()._after_answers(group, rows, now)

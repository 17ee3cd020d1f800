from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..rules import outbox_item


class VelocOutbox(models.AbstractModel):
    """The door into the outbox: ask the gate, render, queue. Works on whole batches.

    A draft is a dict: partner_id, template_id, channel, key, and optionally source,
    variables, useful_until, not_before, priority. Every draft gets an answer; a bad
    one costs the others nothing. The number of queries does not depend on the number
    of drafts.
    """

    _name = "veloc.outbox"
    _description = "Queueing of messages"

    # === RPC === #

    @api.model
    def _enqueue_items(self, items):
        """Queue items that name templates by code; see ``veloc.message.enqueue``."""
        if not isinstance(items, list | tuple):
            raise UserError(self.env._("Send a list of messages."))
        codes = {
            item["template"]
            for item in items
            if isinstance(item, dict) and outbox_item.is_name(item.get("template"))
        }
        templates = self.env["veloc.template"].search([("code", "in", list(codes))])
        by_code = {template.code: template.id for template in templates}
        drafts = [self._prepare_draft(item, by_code) for item in items]
        answers = self._enqueue(drafts, fields.Datetime.now())
        return [
            {"index": index, **self._public_answer(answer)}
            for index, answer in enumerate(answers)
        ]

    @api.model
    def _prepare_draft(self, item, template_by_code):
        """Return the draft for an item, or ``{"error": …}`` when it makes no sense."""
        if not isinstance(item, dict) or not outbox_item.is_sound(item):
            return {"error": "bad_item"}
        try:
            draft = {
                "partner_id": item["partner_id"],
                "template_id": template_by_code.get(item["template"]),
                "channel": item["channel"],
                "key": item["key"],
                "source": item.get("source") or "rpc",
                "variables": dict(item.get("variables") or {}),
                "useful_until": fields.Datetime.to_datetime(item.get("useful_until")),
                "not_before": fields.Datetime.to_datetime(item.get("not_before")),
            }
        except (TypeError, ValueError, AttributeError):
            return {"error": "bad_item"}
        if not draft["template_id"]:
            return {"error": "unknown_template"}
        return draft

    @api.model
    def _public_answer(self, answer):
        public = {"outcome": answer["outcome"]}
        if answer["message_id"]:
            public["message_id"] = answer["message_id"]
        if answer["outcome"] != "queued" and answer["reason"]:
            public["reason"] = answer["reason"]
        if answer.get("until"):
            public["until"] = fields.Datetime.to_string(answer["until"])
        return public

    # === THE DOOR === #

    @api.model
    def _enqueue(self, drafts, now):
        """Return one answer per draft, in order.

        ``outcome`` is queued, duplicate, deferred (see ``until``) or refused.
        """
        answers, accounts = self._weigh(drafts, now)
        rows = self._prepare_rows(drafts, answers, accounts, now)
        self._insert(rows, answers)
        self._wake_lanes(rows, now)
        for answer in answers:
            answer.pop("work", None)
        return answers

    @api.model
    def _foresee(self, drafts):
        """Return what ``_enqueue`` would answer, each draft at its own ``at``.

        Nothing is written and nobody is woken: for simulations.
        """
        answers, _accounts = self._weigh(drafts, min(d["at"] for d in drafts))
        pairs = self._open(drafts, answers)
        partners = self.env["res.partner"].browse(d["partner_id"] for d, _a in pairs)
        addresses = self._addresses(partners)
        for draft, answer in pairs:
            if addresses[draft["partner_id"]].get(draft["channel"]):
                self._close(answer, "queued")
            else:
                self._refuse(answer, "no_address")
        return answers

    @api.model
    def _weigh(self, drafts, now):
        """Return an answer per draft that may not leave, work for the others.

        Beside them the accounts by channel. Asks only: what it writes is nothing.
        """
        answers = self._refuse_malformed(drafts)
        self._mark_duplicates(drafts, answers)
        self._ask_gate(drafts, answers, now)
        self._hold_drafts(self._open(drafts, answers), now)
        accounts = self._choose_accounts(drafts, answers)
        self._render(drafts, answers)
        return answers, accounts

    @api.model
    def _refuse_malformed(self, drafts):
        partners = self._existing("res.partner", drafts, "partner_id")
        templates = self._existing("veloc.template", drafts, "template_id")
        channels = dict(self.env["veloc.message"]._fields["channel"].selection)
        answers = []
        for draft in drafts:
            answer = self._blank_answer()
            if draft.get("error"):
                self._refuse(answer, draft["error"])
            elif not draft.get("key") or draft.get("channel") not in channels:
                self._refuse(answer, "bad_item")
            elif draft["partner_id"] not in partners:
                self._refuse(answer, "unknown_partner")
            elif not templates.get(draft["template_id"]):
                self._refuse(answer, "template_not_approved")
            else:
                answer["work"] = {"template": templates[draft["template_id"]]}
            answers.append(answer)
        return answers

    @api.model
    def _existing(self, model, drafts, name):
        """Return the usable records that drafts name, by id."""
        ids = {draft[name] for draft in drafts if draft.get(name)}
        records = self.env[model].browse(ids).exists()
        if model == "veloc.template":
            records = records.filtered("current_version_id")
        return {record.id: record for record in records}

    @api.model
    def _mark_duplicates(self, drafts, answers):
        keys = [d["key"] for d, _a in self._open(drafts, answers)]
        known = dict(
            self.env.execute_query(
                SQL("SELECT key, id FROM veloc_message WHERE key = ANY(%s)", keys)
            )
            if keys
            else ()
        )
        seen = set()
        for draft, answer in self._open(drafts, answers):
            key = draft["key"]
            if key in known or key in seen:
                self._close(answer, "duplicate", message_id=known.get(key))
            seen.add(key)

    @api.model
    def _ask_gate(self, drafts, answers, now):
        pairs = self._open(drafts, answers)
        gate = self.env["veloc.contact.gate"]
        asks = [
            (
                draft["partner_id"],
                answer["work"]["template"].purpose_id.id,
                draft["channel"],
            )
            for draft, answer in pairs
        ]
        moments = [draft.get("at", now) for draft, _answer in pairs]
        questions = [(*ask, at) for ask, at in zip(asks, moments, strict=True)]
        verdicts = gate._ask_each(questions) if questions else []
        for (_draft, answer), ask, verdict in zip(pairs, asks, verdicts, strict=True):
            answer["work"].update(ask=ask, verdict=verdict)
            answer.update(
                basis=verdict.basis,
                rule=verdict.rule,
                saw=verdict.saw,
                reason=verdict.reason,
                until=verdict.until,
            )
            if verdict.outcome != "allowed":
                self._close(answer, verdict.outcome)

    @api.model
    def _hold_drafts(self, pairs, now):
        """Hook: close answers of allowed drafts that the house lets wait.

        ``pairs`` are (draft, answer). To hold one, set its ``until`` and ``reason``
        and close it as "deferred".
        """

    @api.model
    def _choose_accounts(self, drafts, answers):
        pairs = self._open(drafts, answers)
        accounts = self.env["veloc.account"]._choose({d["channel"] for d, _a in pairs})
        for draft, answer in pairs:
            if draft["channel"] not in accounts:
                self._refuse(answer, "no_account")
        return accounts

    @api.model
    def _render(self, drafts, answers):
        pairs = self._open(drafts, answers)
        requests = [
            (
                draft["partner_id"],
                draft["template_id"],
                draft["channel"],
                draft.get("variables") or {},
            )
            for draft, _answer in pairs
        ]
        texts = self.env["veloc.template"]._render(requests) if requests else []
        for (_draft, answer), text in zip(pairs, texts, strict=True):
            answer["work"]["text"] = text
            if text.error:
                self._refuse(answer, str(text.error))
            elif not outbox_item.is_storable(f"{text.subject}{text.body}"):
                self._refuse(answer, "bad_text")

    # === ANSWERS === #

    @api.model
    def _blank_answer(self):
        names = ("reason", "basis", "rule", "saw", "until", "message_id", "verdict_id")
        return {"outcome": None, **dict.fromkeys(names)}

    @api.model
    def _open(self, drafts, answers):
        """Return the drafts that are still on their way, with their answers."""
        return [
            (draft, answer)
            for draft, answer in zip(drafts, answers, strict=True)
            if "work" in answer
        ]

    @api.model
    def _close(self, answer, outcome, message_id=None):
        answer.pop("work", None)
        answer.update(outcome=outcome, message_id=message_id)

    @api.model
    def _refuse(self, answer, reason):
        self._close(answer, "refused")
        answer.update(reason=reason)

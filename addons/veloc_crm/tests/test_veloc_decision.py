"""Every decision explains itself, and stands on the trader's timeline."""

import json
import xmlrpc.client

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..words import REASONS
from .cadence_case import DAY, HOUR, NOON, CadenceCase


@tagged("post_install", "-at_install")
class TestVelocDecision(CadenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env,
            "t_agent",
            "veloc_crm.group_user",
            lang="en_US",
        )
        cls.stranger = new_test_user(cls.env, "t_stranger", "base.group_user")

    def _explain(self, partner, **more):
        trader = self.env["veloc.trader"].with_user(self.agent)
        return trader.explain(partner.id, **more)

    def test_explain_says_in_words_what_was_sent_and_on_what_ground(self):
        self._happen("signup")
        self._run()
        (entry,) = self._explain(self.ana)
        self.assertEqual(
            (entry["verdict"], entry["verdict_words"], entry["words"]),
            ("sent", "Sent", "The person consented."),
        )
        self.assertEqual((entry["cadence"], entry["step"]), ("test", "D+0"))
        self.assertEqual(entry["message"]["state"], "queued")

    def test_explain_says_why_nothing_was_sent_and_what_was_seen(self):
        self._happen("signup", self.rui_trader)
        self._run()
        (entry,) = self._explain(self.rui)
        self.assertEqual(entry["words"], "The person never consented.")
        self.assertIs(entry["saw"]["consent"], False)
        self.assertIs(entry["message"], False)

    def test_explain_speaks_the_language_of_the_reader(self):
        self._happen("signup", self.rui_trader)
        self._run()
        self.env["res.lang"]._activate_lang("pt_BR")
        self.agent.lang = "pt_BR"
        trader = self.env["veloc.trader"].with_user(self.agent)
        (entry,) = trader.with_context(lang="pt_BR").explain(self.rui.id)
        self.assertEqual(entry["words"], "A pessoa nunca autorizou.")

    def test_explain_can_be_asked_about_one_cadence(self):
        other = self._cadence("other")
        self._happen("signup")
        self._run()
        self.assertEqual(len(self._explain(self.ana)), 2)
        (entry,) = self._explain(self.ana, cadence_id=other.id)
        self.assertEqual(entry["cadence"], "other")

    def test_explain_survives_json_and_xml_rpc(self):
        self._happen("signup")
        self._run()
        self._happen("deposit_approved", at=NOON + HOUR)
        trail = self._explain(self.ana)
        self.assertEqual(json.loads(json.dumps(trail)), trail)
        self.assertTrue(xmlrpc.client.dumps((trail,)))

    def test_explain_is_for_those_who_may_read_traders(self):
        with self.assertRaises(AccessError):
            self.env["veloc.trader"].with_user(self.stranger).explain(self.ana.id)

    def test_decisions_are_counted_and_searched_like_any_model(self):
        self._happen("signup")
        self._happen("signup", self.rui_trader)
        self._run()
        groups = self.env["veloc.decision"]._read_group(
            [("cadence_id", "=", self.cadence.id)], ["verdict"], ["__count"]
        )
        self.assertEqual(sorted(groups), [("refused", 1), ("sent", 1)])

    def test_a_decision_of_a_month_without_a_partition_is_kept(self):
        self._happen("signup", at=NOON)
        self.env.cr.execute(
            "SELECT tableoid::regclass::text FROM veloc_decision_raw "
            "WHERE trader_id = %s",
            [self.ana_trader.id],
        )
        self._run()
        self.assertEqual(len(self._decisions()), 1)

    def test_every_reason_of_the_gate_has_words(self):
        reasons = self.env["veloc.contact.gate"]._ask(
            [(self.rui.id, self.purpose("marketing").id, "sms")], NOON
        )
        self.assertIn(reasons[0].reason, REASONS)


@tagged("post_install", "-at_install")
class TestVelocTimeline(CadenceCase):
    def test_the_timeline_tells_events_decisions_messages_and_stages(self):
        at = "2026-03-10T15:00:00Z"
        self.env["veloc.ingest"]._run(
            "test",
            [
                {
                    "id": "t1",
                    "type": "login",
                    "trader": self.ana_trader.external_ref,
                    "at": at,
                },
                {
                    "id": "t2",
                    "type": "deposit_approved",
                    "trader": self.ana_trader.external_ref,
                    "at": at,
                    "amount": "50.00",
                },
            ],
            wake=False,
        )
        self._happen("signup")
        self._run()
        kinds = self.ana_trader.timeline_ids.mapped("kind")
        self.assertLessEqual({"event", "decision", "message", "stage"}, set(kinds))
        times = self.ana_trader.timeline_ids.mapped("at")
        self.assertEqual(times, sorted(times, reverse=True))

    def test_a_timeline_entry_says_what_happened(self):
        self._happen("signup")
        self._run()
        entries = self.env["veloc.timeline"].search(
            [("trader_id", "=", self.ana_trader.id), ("kind", "!=", "stage")]
        )
        summaries = dict(
            zip(entries.mapped("kind"), entries.mapped("summary"), strict=True)
        )
        self.assertEqual(summaries["decision"], "Sent: D+0")
        self.assertIn("Queued", summaries["message"])

    def test_a_person_s_click_stands_on_the_timeline_and_a_machine_s_does_not(self):
        self._happen("signup")
        self._run()
        message = self.ana_trader.timeline_ids.message_id[:1]
        # A link as the outbox makes them; this cadence's text has none.
        self.env["veloc.link"]._insert(
            [
                {
                    "code": "Abcdefghij1",
                    "what": "click",
                    "target": "https://www.veloc.example/a?utm_source=veloc",
                    "message_id": message.id,
                    "partner_id": self.ana.id,
                    "template_version_id": message.template_version_id.id,
                    "channel": message.channel,
                    "campaign": "x",
                    "company_id": message.company_id.id,
                    "created_at": NOON,
                }
            ]
        )
        self.env["veloc.link.domain"].create({"name": "www.veloc.example"})
        browser = {
            "agent": "Mozilla/5.0 (Android) Mobile",
            "headers": {"accept-language": "pt"},
            "ip": "",
            "is_staff": False,
        }
        clicks = self.env["veloc.link.click"]
        clicks._follow("Abcdefghij1", browser, NOON + HOUR)
        clicks._follow("Abcdefghij1", browser | {"agent": "curl/8"}, NOON + HOUR)
        self.env.invalidate_all()

        entries = self.ana_trader.timeline_ids.filtered(lambda e: e.kind == "click")

        self.assertEqual(len(entries), 1)
        self.assertEqual(entries.message_id, message)
        self.assertEqual(entries.detail, "https://www.veloc.example/a")
        self.assertIn("Link followed", entries.with_context(lang="en_US").summary)

    def test_the_timeline_of_one_trader_holds_nobody_elses_entries(self):
        self._happen("signup")
        self._happen("signup", self.rui_trader)
        self._run(NOON + DAY)
        self.assertEqual(self.rui_trader.timeline_ids.trader_id, self.rui_trader)

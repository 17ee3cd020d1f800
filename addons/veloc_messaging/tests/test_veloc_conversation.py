from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .conversation_case import ConversationCase


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestReceiving(ConversationCase):
    def test_what_a_person_writes_stands_in_the_chatter_as_theirs(self):
        talk = self._write(self.ana, "Oi,\ne o <b>saque</b>?")

        self.assertRecordValues(
            talk,
            [
                {
                    "partner_id": self.ana.id,
                    "state": "open",
                    "channel": "whatsapp",
                    "reply_channel": "whatsapp",
                    "waiting_since": NOON,
                    "window_until": NOON + timedelta(hours=24),
                    "preview": "Oi, e o <b>saque</b>?",
                    "desk_id": self.desk.id,
                }
            ],
        )
        message = talk.message_ids
        self.assertEqual(message.author_id, self.ana)
        self.assertIn("&lt;b&gt;saque", message.body)
        self.assertEqual(message.veloc_badge["channel"], "whatsapp")
        self.assertEqual(message.veloc_badge["voice"], "person")

    def test_one_conversation_over_all_channels(self):
        first = self._write(self.ana)
        second = self._write(self.ana, "E por SMS?", channel="sms")

        self.assertEqual(first, second)
        self.assertEqual(first.channel, "sms")
        self.assertEqual(len(first.message_ids), 2)

    def test_a_copy_changes_nothing(self):
        item = self._item(self.ana)
        talk = self.talks._receive([item, dict(item)])

        self.assertFalse(self.talks._receive([dict(item)]))
        self.assertEqual(len(talk.message_ids), 1)

    def test_the_same_id_at_another_account_is_another_message(self):
        talk = self._write(self.ana, provider_ref="X1")
        self._write(self.ana, provider_ref="X1", channel="sms")

        self.assertEqual(len(talk.message_ids), 2)

    def test_an_unknown_sender_has_a_conversation_too(self):
        talk = self._write()

        self.assertFalse(talk.partner_id)
        self.assertEqual(talk.display_name, "Zé")
        self.assertEqual(talk.identifier, "+5511911112222")
        self.assertEqual(talk.message_ids.email_from, "Zé")
        self.assertEqual(self._write(), talk)

    def test_somebody_who_shares_a_number_is_not_guessed(self):
        talk = self._write(self.ana, partner_ids=(self.ana | self.rui).ids)

        self.assertFalse(talk.partner_id)
        self.assertEqual(talk.candidate_ids, self.ana | self.rui)

    def test_a_quoted_message_tells_who_of_them_it_is(self):
        sent = self._queue(self.rui, self.urgent, "whatsapp", NOON)
        sent._move("sending")
        sent._move("accepted", provider_ref="wamid.1")
        self.env.flush_all()
        sent.account_id = self.whatsapp

        talk = self._write(
            self.rui, partner_ids=(self.ana | self.rui).ids, reply_to="wamid.1"
        )

        self.assertEqual(talk.partner_id, self.rui)

    def test_an_archived_contact_is_nobody_to_choose(self):
        self.rui.active = False

        talk = self._write(self.ana, partner_ids=(self.ana | self.rui).ids)

        self.assertEqual(talk.partner_id, self.ana)

    def test_a_stranger_who_became_a_contact_keeps_their_story(self):
        talk = self._write()
        zeca = self.env["res.partner"].create({"name": "Zeca", "phone": "11911112222"})

        again = self._write(zeca, sender="+5511911112222")

        self.assertEqual(again, talk)
        self.assertEqual(talk.partner_id, zeca)

    def test_a_stop_word_is_shown_but_asks_nobody_to_answer(self):
        talk = self._write(self.ana, "SAIR", word="stop")

        self.assertEqual(talk.state, "closed")
        self.assertFalse(talk.waiting_since or talk.step_in_at or talk.silent_until)
        self.assertEqual(self._said(talk), [("Ana", "SAIR")])

    def test_media_are_listed(self):
        talk = self._write(self.ana, "", media=(("https://m/1", "image/jpeg"),))

        badge = talk.message_ids.veloc_badge
        self.assertEqual(badge["media"], [{"ref": "https://m/1", "type": "image/jpeg"}])
        self.assertIn("image/jpeg", talk.message_ids.body)
        self.assertIn("image/jpeg", talk.preview)

    def test_what_the_robot_said_before_is_part_of_the_story(self):
        sent = self._queue(self.ana, self.urgent)
        sent._move("sending")
        sent._move("accepted", at=NOON)

        talk = self._write(self.ana)

        self.assertEqual(len(talk.message_ids), 2)
        badges = [m.veloc_badge for m in talk.message_ids.sorted("id")]
        self.assertEqual([b["voice"] for b in badges], ["robot", "person"])
        self.assertEqual(badges[0]["state"], "accepted")

    def test_what_the_robot_says_later_is_added_as_it_leaves(self):
        talk = self._write(self.ana)
        self._queue(self.ana, self.urgent)

        with self.fake_provider() as provider:
            self.run_dispatch_cron("veloc_messaging.ir_cron_dispatch_urgent")

        self.assertEqual(len(provider.sent), 1)
        self.assertEqual(len(talk.message_ids), 2)
        self.assertEqual(talk.message_ids[0].veloc_badge["voice"], "robot")

    def test_the_history_shows_no_personal_addresses(self):
        template = self._approved_template(
            "test-link",
            "account_service",
            lane="urgent",
            bodies={"sms": ("", "Veja {{ preferences_url }} hoje")},
        )
        sent = self._queue(self.ana, template)
        sent._move("sending")
        sent._move("accepted", at=NOON)
        self.assertIn("/veloc/preferences/", sent.body)

        talk = self._write(self.ana)

        shown = talk.message_ids.sorted("id")[0].preview
        self.assertIn("/veloc/preferences/… hoje", shown)

    def test_the_queries_do_not_grow_with_the_people(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "phone": f"+55119610000{n:02}"} for n in range(24)]
        )
        self._write(people[0])

        def cost(group):
            items = [self._item(person) for person in group]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.talks._receive(items)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few, many = cost(people[1:4]), cost(people[4:24])
        # The chatter's own writing may cost a little with each message.
        self.assertLessEqual(many - few, 17 * 2)

    def test_a_window_is_told_per_person(self):
        self._write(self.ana)
        self._write(self.rui, channel="sms")

        until = self.talks._window_until("whatsapp", (self.ana | self.rui).ids)

        self.assertEqual(until, {self.ana.id: NOON + timedelta(hours=24)})
        self.assertEqual(self.talks._window_until("sms", self.ana.ids), {})


@tagged("post_install", "-at_install")
class TestLife(ConversationCase):
    @freeze_time(NOON)
    def test_close_measures_and_stops_the_clock(self):
        talk = self._write(self.ana)
        with freeze_time(NOON + timedelta(hours=3)):  # lunch from 12 to 14
            talk.with_user(self.bia).action_close()

        self.assertEqual(talk.state, "closed")
        self.assertEqual(talk.resolution_minutes, 60)
        self.assertFalse(talk.waiting_since or talk.step_in_at or talk.silent_until)

    @freeze_time(NOON)
    def test_writing_again_within_days_counts_as_reopened(self):
        talk = self._write(self.ana)
        talk.with_user(self.bia).action_close()

        self._write(self.ana, at=NOON + timedelta(days=6))

        self.assertEqual(talk.state, "open")
        self.assertEqual(talk.reopened_count, 1)
        self.assertEqual(talk.round_ids.mapped("reopened"), [1, 0])

    @freeze_time(NOON)
    def test_writing_again_after_weeks_is_a_new_matter(self):
        talk = self._write(self.ana)
        talk.with_user(self.bia).action_close()

        self._write(self.ana, at=NOON + timedelta(days=30))

        self.assertEqual(talk.reopened_count, 0)
        self.assertEqual(len(talk.round_ids), 2)

    def test_taking_and_reopening(self):
        talk = self._write(self.ana)

        talk.with_user(self.bia).action_take()
        talk.with_user(self.bia).action_close()
        talk.with_user(self.bia).action_reopen()

        self.assertEqual(talk.user_id, self.bia)
        self.assertEqual(talk.state, "waiting")

    def test_linking_a_stranger_teaches_the_identity(self):
        talk = self._write(sender="", sender_id="BR.998877")
        self.env["veloc.conversation.link"].with_user(self.bia).create(
            {"conversation_id": talk.id, "choice": "link", "partner_id": self.ana.id}
        ).action_link()

        again = self._write(sender="", sender_id="BR.998877")

        self.assertEqual(talk.partner_id, self.ana)
        self.assertEqual(again, talk)
        self.assertEqual(set(talk.message_ids.author_id), set(self.ana))

    def test_linking_joins_what_the_person_had_already(self):
        own = self._write(self.ana)
        stranger = self._write(body="Sou eu, de outro celular")

        left = stranger.with_user(self.bia)._link(self.ana)

        self.assertEqual(left, own)
        self.assertFalse(stranger.exists())
        self.assertEqual(len(own.message_ids), 2)
        self.assertEqual(own.preview, "Sou eu, de outro celular")

    def test_an_agent_makes_a_contact_of_a_stranger(self):
        talk = self._write()
        self.env["veloc.conversation.link"].with_user(self.bia).create(
            {"conversation_id": talk.id, "choice": "create", "name": "José Lima"}
        ).action_link()

        self.assertEqual(talk.partner_id.name, "José Lima")
        self.assertEqual(talk.partner_id.phone_sanitized, "+5511911112222")

    def test_merged_contacts_go_on_with_one_conversation(self):
        keeper, twin = self.env["res.partner"].create(
            [{"name": "Lia", "phone": "+5511961110001"}, {"name": "Lia B"}]
        )
        own, other = self._write(keeper), self._write(twin, sender="+5511961110002")

        self.env["base.partner.merge.automatic.wizard"]._merge(
            (keeper | twin).ids, keeper
        )

        left = (own | other).exists()
        self.assertEqual(left.partner_id, keeper)
        self.assertEqual(len(left.message_ids.filtered("author_id")), 2)


@tagged("post_install", "-at_install")
class TestAccess(ConversationCase):
    def test_an_employee_without_a_role_sees_nothing(self):
        talk = self._write(self.ana)
        nobody = new_test_user(self.env, "inbox_nobody", groups="base.group_user")

        self.assertFalse(talk.with_user(nobody).has_access("read"))
        with self.assertRaises(AccessError):
            talk.message_ids.with_user(nobody).read(["body"])
        for button in ("action_close", "action_take", "action_reopen", "action_link"):
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(talk.with_user(nobody), button)()
        with self.assertRaises(AccessError):
            self._answer(talk, user=nobody)

    def test_an_agent_of_another_company_sees_nothing(self):
        talk = self._write(self.ana)
        other = self.env["res.company"].create({"name": "Other broker"})
        stranger = new_test_user(
            self.env,
            "inbox_other",
            groups="veloc_messaging.group_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )

        self.assertFalse(self.talks.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self._answer(talk, user=stranger)
        with self.assertRaises(AccessError):
            talk.with_user(stranger).action_close()

    def test_agents_write_only_what_is_theirs_to_write(self):
        talk = self._write(self.ana).with_user(self.bia)

        talk.write({"user_id": self.caio.id, "reply_channel": "sms"})
        for vals in (
            {"state": "closed"},
            {"partner_id": self.rui.id},
            {"waiting_since": False},
            {"window_until": "2030-01-01"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                talk.write(vals)
        for model in ("veloc.conversation.entry", "veloc.conversation.round"):
            self.assertFalse(self.env[model].with_user(self.boss).has_access("write"))
        self.assertFalse(talk.has_access("create"))
        self.assertFalse(talk.has_access("unlink"))

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from .common import MessagingCase

FOREIGN = psycopg2.errors.ForeignKeyViolation
CHECK = psycopg2.errors.CheckViolation
UNIQUE = psycopg2.errors.UniqueViolation
MISSING = psycopg2.errors.NotNullViolation


@tagged("post_install", "-at_install")
class TestVelocMessage(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _copy_row(self, message, **changes):
        """Try to write a row past every method, as a careless program would."""
        self.env.flush_all()
        row = {
            "key": "'forged'",
            "reference": "'forged'",
            "verdict_id": "verdict_id",
            **changes,
        }
        columns = [
            name
            for name, field in message._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        values = [row.get(name, name) for name in columns]
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_message (%s) "
                "SELECT %s FROM veloc_message WHERE id = %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(map(SQL, values)),
                message.id,
            )
        )

    def _new_verdict(self, partner=None, purpose="marketing", channel="sms"):
        """Return the id of a verdict that no message has used."""
        partner = partner or self.ana
        self._grant(partner, "bonus", channel)
        ask = (partner.id, self.purpose(purpose).id, channel)
        verdicts = self.gate._ask([ask], NOON)
        (verdict_id,) = self.gate._record_allowed([ask], verdicts, NOON)
        self.assertTrue(verdict_id)
        return verdict_id

    # === THE DATABASE REFUSES === #

    def test_a_row_with_a_fitting_verdict_is_accepted(self):
        # Shows that the refusals below are about the verdict, not about the forgery.
        message = self._queue()

        self._copy_row(message, verdict_id=str(self._new_verdict()))

        self.assertEqual(len(self._messages_of(self.ana)), 2)

    def test_no_row_without_a_verdict(self):
        message = self._queue()
        for verdict, error in (("NULL", MISSING), ("0", FOREIGN)):
            with (
                self.subTest(verdict=verdict),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                self._copy_row(message, verdict_id=verdict)

    def test_a_verdict_about_something_else_does_not_count(self):
        message = self._queue()
        self._grant(self.rui)
        self._grant(self.ana, channel="whatsapp")
        others = {
            "person": self._new_verdict(self.rui),
            "purpose": self._new_verdict(purpose="bonus"),
            "channel": self._new_verdict(channel="whatsapp"),
        }
        for name, verdict_id in others.items():
            with (
                self.subTest(other=name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(FOREIGN),
                self.cr.savepoint(),
            ):
                self._copy_row(message, verdict_id=str(verdict_id))

    def test_a_verdict_allows_one_message_only(self):
        message = self._queue()

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UNIQUE),
            self.cr.savepoint(),
        ):
            self._copy_row(message)

    def test_a_row_cannot_claim_not_to_need_leave(self):
        message = self._queue()
        verdict_id = str(self._new_verdict())
        for claim, error in (("false", CHECK), ("NULL", MISSING)):
            with (
                self.subTest(claim=claim),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                self._copy_row(message, verdict_id=verdict_id, verdict_allowed=claim)

    def test_the_purpose_cannot_differ_from_the_template(self):
        message = self._queue()
        verdict_id = str(self._new_verdict(purpose="bonus"))

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(FOREIGN),
            self.cr.savepoint(),
        ):
            self._copy_row(
                message,
                verdict_id=verdict_id,
                purpose_id=str(self.purpose("bonus").id),
            )

    def test_one_occasion_has_one_message(self):
        message = self._queue()

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UNIQUE),
            self.cr.savepoint(),
        ):
            self._copy_row(message, verdict_id=str(self._new_verdict()), key="key")

    # === ONE WRITER OF THE STATE === #

    def test_a_move_that_the_rule_forbids_changes_nothing(self):
        message = self._queue()
        message._move("sending")
        message._move("delivered")

        self.assertFalse(message._move("sent"))
        self.assertFalse(message._move("queued"))
        self.assertEqual(message.state, "delivered")
        self.assertFalse(message.sent_at)

    def test_a_move_of_many_takes_one_query(self):
        messages = self._queue() + self._queue(self.rui)
        each = {message.id: {"attempts": message.id} for message in messages}
        self.env.flush_all()

        with self.assertQueryCount(1):
            messages._move("sending", each=each)

        self.assertEqual(messages.mapped("attempts"), messages.ids)

    # === PEOPLE === #

    def _user(self, *groups):
        return new_test_user(
            self.env,
            login=f"u{len(groups)}",
            groups=",".join(["base.group_user", *groups]),
        )

    def test_nobody_writes_the_outbox_directly(self):
        message = self._queue()
        manager = self._user("veloc_messaging.group_manager")
        for method, arguments in (
            ("write", [{"state": "sent"}]),
            ("unlink", []),
            ("create", [{"state": "sent"}]),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(message.with_user(manager), method)(*arguments)

    def test_a_stranger_reads_nothing(self):
        message = self._queue()

        with self.assertRaises(AccessError):
            message.with_user(self._user()).read(["address"])

    def test_an_agent_reads_but_presses_no_button(self):
        message = self._queue()
        mine = message.with_user(self._user("veloc_messaging.group_user"))

        self.assertEqual(mine.state, "queued")
        buttons = ("action_cancel", "action_retry", "action_settle", "action_give_up")
        for button in buttons:
            with self.subTest(button=button), self.assertRaises(AccessError):
                getattr(mine, button)()
        with self.assertRaises(AccessError):
            mine.enqueue([])

    def test_a_manager_cancels_what_is_queued(self):
        message = self._queue()
        manager = self._user("veloc_messaging.group_manager")

        message.with_user(manager).action_cancel()

        self.assertEqual(message.state, "cancelled")
        with self.assertRaises(UserError):
            message.with_user(manager).action_cancel()

    def test_a_manager_tries_a_failed_message_again(self):
        message = self._queue()
        message._move("sending", attempts=5)
        message._move("failed", failure_code="21211", provider_ref="SM1")
        before = message.reference

        message.with_user(self._user("veloc_messaging.group_manager")).action_retry()

        self.assertRecordValues(
            message,
            [
                {
                    "state": "queued",
                    "attempts": 0,
                    "failure_code": False,
                    "provider_ref": False,
                    "next_attempt_at": NOON,
                }
            ],
        )
        # A late report about the failed send must not be taken for the new one.
        self.assertNotEqual(message.reference, before)

    def test_the_gate_is_asked_before_trying_again(self):
        message = self._queue()
        message._move("sending")
        message._move("failed")
        self._grant(self.ana, granted=False)

        with self.assertRaisesRegex(UserError, "consent_revoked"):
            message.action_retry()

        self.assertEqual(message.state, "failed")

    def test_only_a_failure_can_be_tried_again(self):
        with self.assertRaises(UserError):
            self._queue().action_retry()

    def test_a_manager_looks_up_a_message_in_doubt(self):
        message = self._queue()
        message._move("sending")
        message._move("in_doubt")

        with self.fake_provider() as provider:
            provider.sightings[message.address] = base.Search(
                (base.Sighting("SM7", "delivered"),), complete=True
            )
            message.with_user(
                self._user("veloc_messaging.group_manager")
            ).action_settle()

        self.assertRecordValues(
            message, [{"state": "delivered", "provider_ref": "SM7"}]
        )

    def test_an_e_mail_in_doubt_cannot_be_looked_up(self):
        message = self._queue(channel="email")
        message._move("sending")
        message._move("in_doubt")

        with self.assertRaises(UserError):
            message.action_settle()

    def test_a_manager_gives_up_an_e_mail_in_doubt_and_may_send_it_again(self):
        message = self._queue(channel="email")
        message._move("sending")
        message._move("in_doubt")

        message.action_give_up()

        self.assertRecordValues(
            message, [{"state": "failed", "failure_code": "by_hand"}]
        )
        message.action_retry()
        self.assertEqual(message.state, "queued")
        with self.assertRaises(UserError):
            message.action_give_up()

    def test_messages_of_another_company_stay_there(self):
        other = self.env["res.company"].create({"name": "Other broker"})
        message = self._queue()
        self.env.cr.execute(
            "UPDATE veloc_message SET company_id = %s WHERE id = %s",
            [other.id, message.id],
        )
        message.invalidate_recordset()
        manager = self._user("veloc_messaging.group_manager")

        with self.assertRaises(AccessError):
            message.with_user(manager).read(["state"])
        # The buttons work elevated: they must ask first whose message it is.
        with self.assertRaises(AccessError):
            message.with_user(manager).action_cancel()
        self.assertEqual(message.state, "queued")

    def test_a_program_cannot_pretend_another_company(self):
        other = self.env["res.company"].create({"name": "Other broker"})
        manager = self._user("veloc_messaging.group_manager")
        messages = self.env["veloc.message"].with_user(manager)

        with self.assertRaises(AccessError):
            messages.with_context(allowed_company_ids=other.ids).enqueue([])

from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..providers.smtp_reports import SmtpReports
from ..rules import bounce_address, message_state
from .mail_case import ANSWER, BOX, COMPLAINT, MailCase

MAILS = Path(__file__).parents[3] / "tests" / "vectors" / "mail"
ROOT_REFERENCE = "0123456789abcdef0123456789abcdef"


@tagged("post_install", "-at_install")
class TestMailIntake(MailCase):
    """Bounces, complaints and answers come back through Odoo's incoming mail."""

    # === BOUNCES === #

    def test_a_hard_bounce_ends_the_message_and_the_address(self):
        message = self._letter()

        self.assertFalse(self._receive(self._bounce(message)))

        self.assertRecordValues(
            message,
            [
                {
                    "state": "undelivered",
                    "failure_class": "permanent",
                    "failure_code": "5.1.1",
                    "failure_detail": "550 5.1.1 said no to",
                }
            ],
        )
        self.assertEqual(
            self._blocks(self.ana), {("channel_blocked", "email", "bounce")}
        )
        self.assertRecordValues(
            self._events(),
            [{"kind": "status", "state": "folded", "message_id": message.id}],
        )
        self.assertNotIn("ana@", self._events().payload)

    def test_the_next_email_to_a_dead_address_is_refused(self):
        self._receive(self._bounce(self._letter()))
        draft = self._draft(channel="email", key="next")
        (answer,) = self.env["veloc.message"]._enqueue([draft], fields.Datetime.now())
        self.assertEqual(answer["outcome"], "refused")

    def test_another_address_opens_email_again(self):
        self._receive(self._bounce(self._letter()))
        self.ana.email = "Ana <ANA@example.com>"
        self.assertTrue(self._blocks(self.ana))
        self.ana.email = "ana@nova.example"
        self.assertFalse(self._blocks(self.ana))

    def test_a_full_mailbox_ends_the_message_only(self):
        message = self._letter()
        self._receive(self._bounce(message, "5.2.2"))
        self.assertEqual(message.state, "undelivered")
        self.assertEqual(message.failure_class, "retry")
        self.assertFalse(self._blocks(self.ana))

    def test_what_is_refused_as_spam_is_policy(self):
        message = self._letter()
        self._receive(self._bounce(message, "5.7.520"))
        self.assertEqual(message.failure_class, "policy")
        self.assertFalse(self._blocks(self.ana))

    def test_an_unheard_of_code_is_final_when_it_says_five(self):
        message = self._letter()
        self._receive(self._bounce(message, "5.3.99"))
        self.assertRecordValues(
            message, [{"failure_class": "permanent", "failure_code": "5.3.99"}]
        )

    def test_a_delay_is_no_failure(self):
        message = self._letter()
        self._receive(self._bounce(message, "4.4.1", "delayed"))
        self.assertEqual(message.state, "sent")
        self.assertFalse(self._blocks(self.ana))
        self.assertEqual(self._events().state, "folded")

    def test_a_receipt_is_a_delivery(self):
        message = self._letter()
        self._receive(self._bounce(message, "2.0.0", "relayed"))
        self.assertEqual(message.state, "delivered")

    def test_a_bounce_without_our_address_is_known_by_the_letter_in_it(self):
        message = self._letter()
        about = message.provider_ref
        self._receive(self._bounce(message, to="oi@veloc.example.com", about=about))
        self.assertEqual(message.state, "undelivered")

    def test_copies_of_a_bounce_count_once(self):
        message = self._letter()
        self._receive(self._bounce(message))
        self._receive(self._bounce(message))
        self.assertEqual(len(self._events()), 1)

    def test_a_forged_address_changes_nothing(self):
        message = self._letter()
        forged = f"bounce+{message.reference}{'0' * 16}@mail.veloc.example"
        self._receive(self._bounce(message, to=forged))
        self.assertEqual(message.state, "sent")
        self.assertFalse(self._events())
        self.assertFalse(self._blocks(self.ana))

    def test_the_address_of_another_use_is_no_bounce_address(self):
        message = self._letter()
        self._receive(
            ANSWER.format(
                to=self._address(message), text="550 5.1.1 user unknown", extra=""
            )
        )
        self.assertEqual(message.state, "sent")
        self.assertEqual(self._events().kind, "other")
        self.assertFalse(self._blocks(self.ana))

    def test_a_late_bounce_of_an_earlier_send_changes_nothing(self):
        message = self._letter()
        bounce = self._bounce(message)
        message.reference = "f" * 32
        self._receive(bounce)
        self.assertEqual(message.state, "sent")
        self.assertFalse(self._events())

    def test_the_samples_of_real_servers_pass_the_gateway(self):
        kinds = {}
        for path in sorted(MAILS.glob("*.eml")):
            message = self._letter(key=f"sample:{path.stem}")
            text = path.read_text().replace(ROOT_REFERENCE, message.reference)
            before = self._events()
            self.env["mail.thread"].message_process(None, text)
            kinds[path.stem] = (self._events() - before).kind
            message._move(message_state.DELIVERED)
        self.assertEqual(kinds["postfix_unknown"], "status")
        self.assertEqual(kinds["hotmail_complaint"], "preference")
        self.assertEqual(kinds["person_gmail"], "inbound")
        self.assertEqual(kinds["away_outlook"], False)
        self.assertEqual(
            {name for name, kind in kinds.items() if not kind},
            {"away_header", "away_outlook", "away_rfc3834", "away_subject"},
        )

    # === COMPLAINTS === #

    def test_a_complaint_ends_email_for_good_and_alerts(self):
        message = self._letter()
        self._receive(COMPLAINT.format(to=BOX, about=message.provider_ref))

        self.assertTrue(message.complained_at)
        self.assertEqual(message.state, "sent")
        self.assertEqual(self._blocks(self.ana), {("opt_out", "email", "complaint")})
        state = self.env["veloc.consent.state"].search(
            [
                ("partner_id", "=", self.ana.id),
                ("channel", "=", "email"),
                ("purpose_id", "=", self.template.purpose_id.id),
            ]
        )
        self.assertFalse(state.granted)
        self.assertRecordValues(
            self._events(),
            [{"kind": "preference", "state": "folded", "partner_id": self.ana.id}],
        )
        alert = self.env["veloc.messaging.alert"].search(
            [("kind", "=", "complaints"), ("account_id", "=", self.mail_account.id)]
        )
        self.assertEqual(alert.severity, "warning")
        objection = self.env["veloc.delivery.objection"].search(
            [("kind", "=", "complaint"), ("partner_id", "=", self.ana.id)]
        )
        self.assertEqual(objection.account_id, self.mail_account)

    def test_not_spam_is_no_complaint(self):
        message = self._letter()
        text = COMPLAINT.format(to=BOX, about=message.provider_ref)
        self._receive(text.replace("Feedback-Type: abuse", "Feedback-Type: not-spam"))
        self.assertFalse(message.complained_at)
        self.assertFalse(self._blocks(self.ana))

    def test_a_mail_to_the_unsubscribe_address_revokes(self):
        message = self._letter()
        to = self._address(message, bounce_address.LEAVE)
        self._receive(ANSWER.format(to=to, text="", extra=""))
        states = self.env["veloc.consent.state"].search(
            [("partner_id", "=", self.ana.id), ("channel", "=", "email")]
        )
        self.assertEqual(set(states.mapped("granted")), {False})
        self.assertFalse(self._blocks(self.ana))
        self.assertFalse(message.complained_at)

    # === ANSWERS === #

    def test_an_answer_is_an_incoming_message_with_the_person_s_own_words(self):
        message = self._letter()
        to = self._address(message, bounce_address.REPLY)
        self._receive(ANSWER.format(to=to, text="Podem me ligar?", extra=""))
        event = self._events()
        self.assertRecordValues(
            event, [{"kind": "inbound", "channel": "email", "state": "folded"}]
        )
        self.assertEqual(event.partner_id, self.ana)
        (parsed,) = SmtpReports().parse(event.payload)
        self.assertEqual(parsed.body, "Podem me ligar?")
        self.assertEqual(parsed.sender, "ana@example.com")
        talk = self.env["veloc.conversation"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual(talk.channel, "email")
        self.assertIn("Podem me ligar?", str(talk.message_ids.mapped("body")))

    def test_an_answer_to_the_plain_address_is_known_by_what_it_answers(self):
        message = self._letter()
        extra = f"In-Reply-To: {message.provider_ref}\n"
        to = "oi@veloc.example.com"
        self._receive(ANSWER.format(to=to, text="Oi", extra=extra))
        self.assertEqual(self._events().kind, "inbound")

    def test_a_word_to_stop_stops(self):
        message = self._letter()
        to = self._address(message, bounce_address.REPLY)
        self._receive(ANSWER.format(to=to, text="SAIR", extra=""))
        self.assertEqual(self._blocks(self.ana), {("opt_out", "email", "stop_word")})

    def test_an_absence_is_not_even_stored(self):
        message = self._letter()
        to = self._address(message, bounce_address.REPLY)
        extra = "Auto-Submitted: auto-replied\n"
        self.assertFalse(
            self._receive(ANSWER.format(to=to, text="Volto dia 20.", extra=extra))
        )
        self.assertFalse(self._events())

    def test_whoever_writes_in_another_s_name_is_not_believed(self):
        message = self._letter()
        to = self._address(message, bounce_address.REPLY)
        text = ANSWER.format(to=to, text="SAIR", extra="")
        self._receive(text.replace("ana@example.com", "rui@example.com"))
        self.assertFalse(self._blocks(self.rui))

    def test_other_mail_goes_odoo_s_own_way(self):
        self.env["ir.config_parameter"].set_param("mail.catchall.domain.allowed", "")
        before = self.env["res.partner"].search_count([])
        text = ANSWER.format(to="info@veloc.example.com", text="Oi", extra="")
        with self.assertRaises(ValueError):
            self.env["mail.thread"].message_process(None, text)
        new_id = self.env["mail.thread"].message_process(
            "res.partner", text.replace("answer-1", "answer-2")
        )
        self.assertTrue(new_id)
        self.assertEqual(self.env["res.partner"].search_count([]), before + 1)
        self.assertFalse(self._events())

    # === SETTINGS === #

    def test_a_mailbox_that_cannot_carry_a_token_is_refused(self):
        for mailbox in ("bounce", "a+b@x.example", f"{'a' * 16}@x.example"):
            with self.subTest(mailbox), self.assertRaises(ValidationError):
                self.mail_account.bounce_mailbox = mailbox

    def test_the_rate_counts_the_last_days_only(self):
        message = self._letter()
        self._letter(self.rui).sent_at = fields.Datetime.now() - timedelta(days=30)
        message.complained_at = fields.Datetime.now()
        self.env.flush_all()
        rates = self.env["veloc.fold"]._complaint_rates(self.mail_account)
        self.assertEqual(rates, [(self.mail_account, 1, 1)])

    def test_a_batch_of_bounces_is_folded_with_a_bounded_number_of_queries(self):
        first = self._letter()
        self._receive(self._bounce(first, "4.4.1", "delayed"))
        counts = []
        for people in ((self.ana,), (self.ana, self.rui)):
            for person in people:
                letter = self._letter(person, key=f"{len(people)}:{person.id}")
                text = self._bounce(letter, "5.2.2", id=letter.reference)
                self.env["mail.thread"].message_process(None, text)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["veloc.fold"]._fold_batch()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 1)

import email
import email.policy
import smtplib
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller

from odoo.addons.veloc_messaging.providers import base, plain_text, smtp

LETTER = base.Outgoing(
    reference="ref1",
    to="ana@example.com",
    subject="Olá,\nAna",
    body="<p>Olá, <b>Ana</b></p><p><a href='https://x.example/u'>Sair</a></p>",
    sender="Veloc <oi@veloc.example.com>",
    headers=(
        ("List-Unsubscribe", "<https://x.example/u>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ),
    lang="pt_BR",
)


class Mailbox:
    """Keeps what arrives; ``replies`` says otherwise by command."""

    # ruff: noqa: N802 - aiosmtpd calls these names

    def __init__(self):
        self.letters = []
        self.envelopes = []
        self.replies = {}

    def _reply(self, server, command, good):
        reply = self.replies.get(command, good)
        if reply == "drop":
            server.transport.abort()
            return good
        return reply

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self._reply(server, "MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self._reply(server, "RCPT", "250 OK")

    async def handle_DATA(self, server, session, envelope):
        reply = self._reply(server, "DATA", "250 OK")
        if reply.startswith("250"):
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
            self.letters.append(
                email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
            )
        return reply


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def server(mailbox, closed_port):
    controller = Controller(mailbox, hostname="127.0.0.1", port=closed_port)
    controller.start()
    yield "127.0.0.1", closed_port
    controller.stop()


@pytest.fixture
def provider(server):
    config = base.Config("mail", "smtp", "email", concurrency=2)
    adapter = smtp.SmtpProvider(config, lambda: smtplib.SMTP(*server, timeout=5))
    yield adapter
    adapter.close()


def send(provider, letter=LETTER):
    return provider.prepare() or provider.send(letter)


# === THE LETTER === #


def test_a_letter_arrives_with_both_texts(provider, mailbox):
    result = send(provider)

    assert (result.kind, result.status) == ("accepted", "sent")
    (letter,) = mailbox.letters
    assert letter["Subject"] == "Olá, Ana"
    assert letter["From"] == LETTER.sender
    assert letter["To"] == LETTER.to
    assert letter["Message-ID"] == "<ref1@veloc.example.com>" == result.provider_ref
    plain = letter.get_body(["plain"]).get_content()
    html = letter.get_body(["html"]).get_content()
    assert "Olá, Ana" in plain
    assert "Sair (https://x.example/u)" in plain
    assert "<b>Ana</b>" in html


def test_a_letter_says_how_to_stop_and_that_a_machine_wrote_it(provider, mailbox):
    send(provider)

    (letter,) = mailbox.letters
    assert letter["List-Unsubscribe"] == "<https://x.example/u>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "pt-BR"
    assert letter["Date"]


def test_a_long_address_to_stop_stays_readable_on_the_wire(provider):
    url = "https://veloc.example.com/veloc/unsubscribe/" + "aB3-_" * 60
    letter = replace(LETTER, headers=(("List-Unsubscribe", f"<{url}>"),))

    wire = smtp.compose(letter, LETTER.sender).as_bytes()

    assert f"List-Unsubscribe: <{url}>\r\n".encode() in wire
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998


def test_the_envelope_names_one_recipient_and_the_bare_sender(provider, mailbox):
    send(provider)

    assert mailbox.envelopes == [("oi@veloc.example.com", ["ana@example.com"])]


def test_the_mail_server_may_want_another_envelope_sender(provider, server, mailbox):
    def open_session():
        session = smtplib.SMTP(*server, timeout=5)
        session.smtp_from = "bounce@veloc.example.com"
        return session

    provider._open_session = open_session
    send(provider)

    assert mailbox.envelopes[0][0] == "bounce@veloc.example.com"


def test_a_header_cannot_be_smuggled_in(provider, mailbox):
    for field, value in (("to", "a@x.example\nBcc: b@x.example"), ("sender", "a\n@b")):
        assert send(provider, replace(LETTER, **{field: value})).kind == "permanent"
    assert not mailbox.letters


# === SESSIONS === #


def test_a_session_serves_many_letters(provider, mailbox):
    opened = []
    inner = provider._open_session
    provider._open_session = lambda: opened.append(1) or inner()

    assert [send(provider).kind for _ in range(5)] == ["accepted"] * 5
    assert len(opened) == 1
    assert len(mailbox.letters) == 5


def test_a_refused_letter_does_not_spoil_the_session(provider, mailbox):
    mailbox.replies = {"RCPT": "550 no such user"}
    send(provider)
    mailbox.replies = {}

    assert send(provider).kind == "accepted"


def test_after_a_cut_line_the_next_letter_gets_a_new_session(provider, mailbox):
    mailbox.replies = {"MAIL": "drop"}
    assert send(provider).kind == "retry"
    mailbox.replies = {}

    assert send(provider).kind == "accepted"


def test_without_any_session_a_letter_waits(provider):
    assert provider.send(LETTER) == base.Result("retry", "no_session")


# === ANSWERS === #


@pytest.mark.parametrize(
    ("command", "reply", "kind", "whole"),
    [
        ("RCPT", "550 no such user", "permanent", False),
        ("RCPT", "451 greylisted, come back", "retry", False),
        ("DATA", "554 looks like spam", "policy", False),
        ("DATA", "452 mailbox full", "retry", False),
        ("MAIL", "530 authentication required", "config", True),
        ("MAIL", "421 too many connections", "retry", False),
        ("MAIL", "drop", "retry", False),
        ("RCPT", "drop", "retry", False),
        ("DATA", "drop", "in_doubt", False),
    ],
)
def test_an_answer_is_classed(provider, mailbox, command, reply, kind, whole):
    mailbox.replies = {command: reply}

    result = send(provider)

    assert (result.kind, result.whole_account) == (kind, whole)


def test_the_address_is_not_kept_in_the_detail(provider, mailbox):
    mailbox.replies = {"RCPT": "550 <ana@example.com>: unknown here"}

    assert send(provider).detail == "unknown here"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (smtplib.SMTPAuthenticationError(535, b"bad password"), "config"),
        (base.ConfigError("No server"), "config"),
        (ConnectionRefusedError(), "retry"),
        (smtplib.SMTPConnectError(421, b"busy"), "retry"),
    ],
)
def test_a_session_that_cannot_be_opened(provider, error, kind):
    def fail():
        raise error

    provider._open_session = fail
    result = provider.prepare()

    assert (result.kind, result.whole_account) == (kind, True)


def test_switched_off_mail_is_a_matter_of_set_up(provider):
    provider._open_session = lambda: None

    assert provider.prepare().kind == "config"


def test_a_mail_server_cannot_be_asked(provider):
    assert not provider.find(None).complete


# === PLAIN TEXT === #


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<style>p{}</style><p>a &amp; b</p><script>x</script>", "a & b"),
        ("<a href='https://x.y'>https://x.y</a>", "https://x.y"),
        ("<a>nowhere</a>", "nowhere"),
        ("  <p>a\n   b</p>  ", "a b"),
        ("", ""),
    ],
)
def test_html_as_text(html, text):
    assert plain_text.from_html(html) == text

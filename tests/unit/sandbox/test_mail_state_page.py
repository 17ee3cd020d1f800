"""E-mail is taken by SMTP, memory survives a restart, the page shows it all."""

import smtplib
from email.message import EmailMessage

import pytest
import requests

from tools.sandbox.__main__ import settings_from

ENVIRONMENT = {"SANDBOX_ACCOUNT_SID": "AC" + "0" * 32, "SANDBOX_AUTH_TOKEN": "x"}


def mail(sandbox, to="ana@example.com", body="Olá"):
    message = EmailMessage()
    message["From"], message["To"] = "veloc@example.com", to
    message["Subject"] = "Bem-vinda à Veloc"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body)
    message.add_alternative(f"<p>{body}</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as smtp:
        smtp.send_message(message)


def test_an_email_is_kept_with_headers_text_and_html(sandbox):
    mail(sandbox)
    (kept,) = sandbox.get("emails?to=ana@example.com")["emails"]
    assert kept["subject"] == "Bem-vinda à Veloc"
    assert kept["text"].strip() == "Olá"
    assert kept["html"].strip() == "<p>Olá</p>"
    assert ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"] in kept["headers"]


@pytest.mark.parametrize(("name", "code"), [("smtp-451", 451), ("smtp-550", 550)])
def test_a_magic_recipient_is_refused_with_its_code(sandbox, name, code):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        mail(sandbox, to=f"{name}@example.com")
    ((answer, _text),) = refusal.value.recipients.values()
    assert answer == code
    assert sandbox.get("stats")["emails"] == 0


def test_a_greylisted_recipient_passes_the_second_time(sandbox):
    sandbox.fault("smtp_451", count=1, match={"to": "rui@example.com"})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mail(sandbox, to="rui@example.com")
    mail(sandbox, to="rui@example.com")
    assert sandbox.get("stats")["emails"] == 1


def test_a_line_dropped_after_data_leaves_the_email_taken(sandbox):
    with pytest.raises(smtplib.SMTPServerDisconnected):
        mail(sandbox, to="smtp-drop@example.com")
    assert sandbox.get("stats")["emails"] == 1


def test_a_restart_keeps_messages_emails_and_opt_outs(start_sandbox, tmp_path):
    path = tmp_path / "deep" / "state.jsonl"
    before = start_sandbox(state_file=path)
    sent = before.client().messages.create(
        to="+5511961234567", from_="29000", body="um"
    )
    before.post("inbound", body="STOP", **{"from": "+5511961234567", "to": "29000"})
    mail(before)
    before.stop()
    with path.open("a") as file:
        file.write('{"what": "mess')  # a crash in the middle of a line

    after = start_sandbox(state_file=path)
    assert after.client().messages(sent.sid).fetch().body == "um"
    stats = after.get("stats")
    assert (stats["accepted"], stats["emails"], stats["opted_out"]) == (1, 1, 1)


def test_a_reset_empties_the_state_file(start_sandbox, tmp_path):
    path = tmp_path / "state.jsonl"
    sandbox = start_sandbox(state_file=path)
    mail(sandbox)
    sandbox.post("reset")
    assert path.read_text() == ""


def test_the_page_shows_messages_escaped_with_a_reply_box(sandbox, send):
    send(body="<script>alert(1)</script>")
    answer = requests.get(sandbox.url, timeout=5)
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert(1)" not in answer.text
    assert 'action="/sandbox/inbound"' in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_asks_only_for_news(sandbox, send):
    fragment = f"{sandbox.url}/?fragment=1"
    version = requests.get(fragment, timeout=5).headers["X-Version"]
    assert requests.get(f"{fragment}&seen={version}", timeout=5).status_code == 204
    mail(sandbox)
    news = requests.get(f"{fragment}&seen={version}", timeout=5)
    assert "Bem-vinda à Veloc" in news.text


def test_the_reply_box_leads_back_to_the_page(sandbox):
    form = {"from": "+5511961234567", "to": "29000", "body": "SAIR"}
    answer = requests.post(f"{sandbox.url}/sandbox/inbound", data=form, timeout=5)
    assert answer.history[0].status_code == 303
    assert "SAIR" in answer.text


def test_settings_come_from_the_command_line_and_the_environment(tmp_path):
    state = tmp_path / "s"
    settings = settings_from(
        ["--port", "1", "--smtp-port", "2", "--delay-ms", "50", "--state", str(state)],
        ENVIRONMENT,
    )
    assert (settings.port, settings.smtp_port, settings.delay_ms) == (1, 2, 50)
    assert (settings.account_sid, settings.auth_token) == ("AC" + "0" * 32, "x")
    assert settings.state_file == state


@pytest.mark.parametrize("missing", sorted(ENVIRONMENT))
def test_without_credentials_the_sandbox_does_not_start(missing, capsys):
    environment = {**ENVIRONMENT, missing: ""}
    with pytest.raises(SystemExit):
        settings_from([], environment)
    assert "SANDBOX_ACCOUNT_SID" in capsys.readouterr().err

"""E-mail over SMTP sessions that somebody else opens (Odoo's mail servers)."""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, parseaddr

from ..rules import smtp_status
from . import base, errors, plain_text, registry
from .smtp_reports import RETURN_PATH, SmtpReports

# Until a server must have greeted us, and until it must have answered a command.
CONNECT_TIMEOUT, COMMAND_TIMEOUT = 10.0, 60.0
# How often a thread that waits for a session looks whether there still is one.
SESSION_POLL = 0.5
CAPABILITIES = base.Capabilities(channels=frozenset({"email"}), callbacks=True)


class _LetterPolicy(EmailPolicy):
    """Leaves addresses in List-* headers whole; the stock policy encodes long ones."""

    def fold(self, name, value):
        if name.lower().startswith("list-"):
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name, value):
        if name.lower().startswith("list-"):
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


# Not every server takes eight bits.
POLICY = _LetterPolicy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to log in there, read before the threads start."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    encryption: str = "none"  # ssl, starttls; …_strict checks the certificate
    smtp_from: str = ""


def connect(server: Server) -> smtplib.SMTP:
    """Open a session; raises what smtplib raises."""
    context = ssl.create_default_context()
    if not server.encryption.endswith("_strict"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if server.encryption.startswith("ssl"):
        session = smtplib.SMTP_SSL(
            server.host, server.port, timeout=CONNECT_TIMEOUT, context=context
        )
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=CONNECT_TIMEOUT)
    try:
        if server.encryption.startswith("starttls"):
            session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password)
        session.ehlo_or_helo_if_needed()
    except BaseException:
        session.close()
        raise
    session.sock.settimeout(COMMAND_TIMEOUT)
    session.smtp_from = server.smtp_from
    return session


class SmtpProvider:
    """Sends one message per envelope over at most ``concurrency`` sessions.

    ``open_session`` is called by the sending threads, so that a server that hangs
    holds nobody but them.
    """

    def __init__(self, config: base.Config, open_session: Callable) -> None:
        self.config = config
        self._open_session = open_session
        self._idle: queue.LifoQueue = queue.LifoQueue()
        self._alive = 0
        self._lock = threading.Lock()

    def prepare(self) -> base.Result | None:
        """Open one more session while that helps."""
        with self._lock:
            if not self._idle.empty() or self._alive >= self.config.concurrency:
                return None
            self._alive += 1
        session = None
        try:
            session = self._open_session()
        except smtplib.SMTPAuthenticationError as error:
            return _refusal(base.CONFIG, f"smtp_{error.smtp_code}", "login refused")
        except base.ConfigError as error:
            return _refusal(base.CONFIG, "no_server", str(error))
        except (smtplib.SMTPException, OSError) as error:
            return _refusal(base.RETRY, "connect", type(error).__name__)
        finally:
            if session is None:
                self._count(-1)
        if session is None:
            return _refusal(base.CONFIG, "no_server", "sending is switched off")
        self._idle.put(session)
        return None

    def send(self, message: base.Outgoing) -> base.Result:
        """Hand one e-mail to the server; "sent" is the last thing it can tell."""
        base.refuse_unsupported(CAPABILITIES, message)
        try:
            letter = compose(message, message.sender or self.config.sender)
        except (MessageError, ValueError, UnicodeError) as error:
            return base.Result(base.PERMANENT, "bad_message", type(error).__name__)
        session = self._take()
        if session is None:
            return base.Result(base.RETRY, "no_session")
        keep = False
        try:
            result, keep = _talk(session, letter, message)
        finally:
            if keep:
                self._idle.put(session)
            else:
                self._count(-1)
                session.close()
        return result

    def find(self, lookup: base.Lookup) -> base.Search:
        """SMTP cannot be asked: such a message waits for a person."""
        return base.Search(detail="no_lookup")

    def close(self) -> None:
        """Say goodbye on every idle session."""
        while True:
            try:
                session = self._idle.get_nowait()
            except queue.Empty:
                return
            self._count(-1)
            try:
                session.quit()
            except (smtplib.SMTPException, OSError):
                session.close()

    def _take(self):
        while self._alive:
            try:
                return self._idle.get(timeout=SESSION_POLL)
            except queue.Empty:
                continue
        return None

    def _count(self, change):
        with self._lock:
            self._alive += change


def compose(message: base.Outgoing, sender: str) -> EmailMessage:
    """Return the e-mail: plain text and HTML, marked as sent by a machine."""
    letter = EmailMessage(policy=POLICY)
    letter["From"] = sender
    letter["To"] = message.to
    letter["Subject"] = " ".join(message.subject.split())
    letter["Date"] = formatdate(usegmt=True)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    letter["Message-ID"] = f"<{message.reference}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers:
        if name != RETURN_PATH:  # the receiving server writes it, from the envelope
            letter[name] = value
    letter.set_content(plain_text.from_html(message.body))
    letter.add_alternative(message.body, subtype="html")
    if message.lang:
        letter["Content-Language"] = message.lang.replace("_", "-")
    return letter


def _talk(session, letter, message):
    """Return the result and whether the session may be used again."""
    sender = dict(message.headers).get(RETURN_PATH)
    sender = sender or getattr(session, "smtp_from", None) or str(letter["From"])
    try:
        session.ehlo_or_helo_if_needed()
        code, text = session.mail(parseaddr(sender)[1])
        if code != 250:
            # The server refuses us, not the recipient.
            kind = base.RETRY if 400 <= code < 500 else base.CONFIG
            return _answer(session, code, text, kind, whole_account=True)
        code, text = session.rcpt(message.to)
        if code not in (250, 251):
            return _answer(session, code, text, _by_code(code, text))
    except smtplib.SMTPServerDisconnected:
        return base.Result(base.RETRY, "disconnected"), False
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        return base.Result(base.RETRY, "session", type(error).__name__), False
    return _data(session, letter)


def _data(session, letter):
    try:
        code, text = session.data(letter.as_bytes())
    except smtplib.SMTPDataError as error:
        return _answer(
            session,
            error.smtp_code,
            error.smtp_error,
            _by_code(error.smtp_code, error.smtp_error),
        )
    except (smtplib.SMTPException, OSError) as error:
        # Cut after the text went out: the server may have it.
        return base.Result(base.IN_DOUBT, "cut", type(error).__name__), False
    if code != 250:
        return _answer(session, code, text, _by_code(code, text))
    reference = str(letter["Message-ID"])
    return base.Result(base.ACCEPTED, provider_ref=reference, status="sent"), True


def _by_code(code, text):
    """Return the kind of a refusal; the server's own reason may soften a 5xx."""
    if 400 <= code < 500:
        return base.RETRY
    status = smtp_status.status_of(f"{code} {_decoded(text)}")
    kind = errors.of_callback("smtp", smtp_status.code_of(status))
    # Refused for good is refused for good; only why may differ.
    return kind if kind in {base.POLICY, base.PERMANENT} else base.PERMANENT


def _answer(session, code, text, kind, *, whole_account=False):
    # Servers like to repeat the address; it has no business in our columns and logs.
    detail = smtp_status.without_addresses(_decoded(text))
    result = base.Result(
        kind,
        f"smtp_{code}",
        detail,
        whole_account=whole_account and kind == base.CONFIG,
    )
    return result, code != 421 and _reset(session)


def _decoded(text):
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _reset(session):
    try:
        return session.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _refusal(kind, code, detail):
    return base.Result(kind, code, detail[:200], whole_account=True)


# Sessions are bound to the caller's transaction: an adapter lives for one pass.
registry.register(
    registry.Kind(
        "smtp", "E-mail server", CAPABILITIES, SmtpProvider, SmtpReports(), keep=False
    )
)

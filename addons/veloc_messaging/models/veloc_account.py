import os
import re
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.veloc_compliance.const import CHANNELS

from ..providers import registry
from ..providers.base import Capabilities, Config, ConfigError, Secrets

_CODE = re.compile(r"[a-z0-9][a-z0-9-]*")
SECRET_NAMES = ("previous", "api_key", "app", "app_previous", "verify")
# A code like "sms-app" would find its secret where "sms" looks for another one.
_TAKEN_ENDING = re.compile(r".*-(previous|api-key|app|verify|file|key-.*)")

# Set by the methods below only, whatever a client sends.
OWN_FIELDS = {"state", "pause_reason", "resume_at", "resumed_at", "moved_at"}

# An addon adds one with ``selection_add`` and ``registry.register``.
PROVIDERS = [
    ("twilio", "Twilio"),
    ("whatsapp", "WhatsApp Cloud API"),
    ("smtp", "E-mail server"),
    ("push", "Web push"),
    ("desk", "Call tasks"),
    ("sandbox", "Sandbox"),
]


class VelocAccount(models.Model):
    """One connection to a provider.

    Its secrets come from the environment; what is not there may stand encrypted in the
    database, and is never shown again.
    """

    _name = "veloc.account"
    _description = "Provider account"
    _veloc_ledger_fields = frozenset(
        {
            "account_sid",
            "active",
            "base_url",
            "channel",
            "code",
            "company_id",
            "concurrency",
            "messaging_service_sid",
            "name",
            "pause_reason",
            "provider",
            "sender",
            "state",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Small letters, digits and hyphens. Part of the webhook address and of "
        "the names of the environment variables that hold the secret.",
    )
    provider = fields.Selection(PROVIDERS, required=True, default="twilio")
    channel = fields.Selection(CHANNELS, required=True, default="sms")
    account_sid = fields.Char("Account SID", help="Twilio: AC and 32 characters.")
    sender = fields.Char(
        help="The number (+5511…) or the e-mail address that messages come from.",
    )
    messaging_service_sid = fields.Char(
        "Messaging service SID", help="Twilio: used instead of the sender when set."
    )
    base_url = fields.Char(
        "Base URL",
        help="Only for a sandbox or a proxy: replaces scheme and host of the "
        "provider's address. VELOC_URL_<CODE> in the environment wins.",
        # Whoever sets this decides who is shown the secret.
        groups="base.group_system",
    )
    concurrency = fields.Integer(
        default=8,
        required=True,
        help="How many messages one sending job hands over at the same time.",
    )
    state = fields.Selection(
        [("active", "Active"), ("paused", "Paused")],
        required=True,
        default="active",
        readonly=True,
        help="A paused account keeps its messages queued.",
    )
    pause_reason = fields.Char(readonly=True)
    resume_at = fields.Datetime(
        "Slowed down until",
        readonly=True,
        help="The provider asked us to slow down; sending goes on at this time.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company")
    has_secret = fields.Boolean(
        "Secret found",
        compute="_compute_has_secret",
        help="Whether VELOC_SECRET_<CODE> or VELOC_SECRET_<CODE>_FILE is set where "
        "Odoo runs, or a secret is stored encrypted.",
    )
    secret_ids = fields.One2many(
        "veloc.account.secret",
        "account_id",
        "Stored secrets",
        groups="base.group_system",
    )
    # A column of its own: accounts without stored secrets cost no query.
    has_stored_secret = fields.Boolean(
        compute="_compute_has_stored_secret", store=True, compute_sudo=True
    )

    secret_name = fields.Char("Secret's variable", compute="_compute_addresses")
    webhook_url = fields.Char("Webhook address", compute="_compute_addresses")

    _code_unique = models.Constraint("UNIQUE(code)", "This code is taken.")
    _concurrency_range = models.Constraint(
        "CHECK (concurrency BETWEEN 1 AND 64)", "Concurrency goes from 1 to 64."
    )

    # === COMPUTE === #

    @api.depends("secret_ids")
    def _compute_has_stored_secret(self):
        for account in self:
            account.has_stored_secret = bool(account.secret_ids)

    @api.depends("code", "provider", "secret_ids.changed_at")
    def _compute_has_secret(self):
        for account in self:
            account.has_secret = bool(account._secret())

    @api.depends("code", "provider")
    def _compute_addresses(self):
        base = self.env["veloc.contact.gate"]._public_url()
        for account in self:
            account.secret_name = f"VELOC_SECRET_{account._env_name()}"
            account.webhook_url = (
                f"{base}/veloc/webhook/{account.provider}/{account.code or ''}"
            )

    # === CONSTRAINTS === #

    @api.constrains("code")
    def _check_code(self):
        for account in self:
            if not _CODE.fullmatch(account.code or ""):
                raise ValidationError(
                    self.env._("A code has small letters, digits and hyphens only.")
                )
            if _TAKEN_ENDING.fullmatch(account.code):
                raise ValidationError(
                    self.env._(
                        "This code ends like the name of another secret; choose one "
                        "without -previous, -api-key, -app, -verify, -file or -key-."
                    )
                )

    @api.constrains("provider", "channel")
    def _check_channel(self):
        kinds = registry.kinds()
        for account in self:
            kind = kinds.get(account.provider)
            if not kind or account.channel not in kind.capabilities.channels:
                raise ValidationError(
                    self.env._("This provider does not serve this channel.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse a state that only the buttons and the dispatcher give."""
        for vals in vals_list:
            self._refuse_own_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Refuse a state that only the buttons and the dispatcher give."""
        self._refuse_own_fields(vals)
        return super().write(vals)

    def _refuse_own_fields(self, vals):
        if not self.env.su and OWN_FIELDS & set(vals):
            raise AccessError(
                self.env._("Use the buttons to pause or resume an account.")
            )

    # === ACTIONS === #

    def action_pause(self):
        """Stop sending; what is queued waits (button)."""
        self._check_manager()
        # sudo: checked above; the state has no write access for anyone.
        self.sudo().write({"state": "paused", "pause_reason": self.env._("By hand")})
        return True

    def action_resume(self):
        """Go on sending what waited (button)."""
        self._check_manager()
        # sudo: checked above; the state has no write access for anyone.
        self.sudo().write(
            {"state": "active", "pause_reason": False, "resume_at": False}
        )
        for lane in ("urgent", "bulk"):
            self.env["veloc.dispatcher"]._wake(lane)
        return True

    def _check_manager(self):
        if not self.env.user.has_group("veloc_messaging.group_manager"):
            raise AccessError(
                self.env._("Only messaging managers may pause or resume an account.")
            )
        # What follows runs elevated: other companies' accounts end here.
        self.check_access("write")

    # === BUSINESS === #

    def _get_provider(self):
        """Return the adapter of this account; one per process, with one session."""
        self.ensure_one()
        return registry.provider(self._prepare_provider_config(), self._open_session())

    def _prepare_provider_config(self):
        secrets = self._secrets()
        return Config(
            code=self.code,
            provider=self.provider,
            channel=self.channel,
            account_sid=self.account_sid or "",
            secret=secrets.main,
            sender=self.sender or "",
            messaging_service_sid=self.messaging_service_sid or "",
            base_url=os.environ.get(f"VELOC_URL_{self._env_name()}")
            or self.base_url
            or "",
            concurrency=self.concurrency,
            secrets=tuple(sorted(secrets.named.items())),
            options=tuple(sorted(self._provider_options().items())),
        )

    def _provider_options(self):
        """Return settings by name that only this provider knows; extend it."""
        return {}

    def _capabilities(self):
        """Return what the provider of this account can do."""
        kind = registry.kinds().get(self.provider)
        return kind.capabilities if kind else Capabilities(frozenset())

    def _account_ref(self):
        """Return how the provider calls this account in its reports; extend it."""
        return self.account_sid or ""

    def _open_session(self):
        """Return what the adapter needs from the database, by ``_open_<provider>``."""
        opener = getattr(self, f"_open_{self.provider}", None)
        return opener() if opener else None

    def _open_smtp(self):
        """Return a function that opens an SMTP session through Odoo's mail servers."""
        sender = self.sender or None

        def open_session():
            # A transaction of its own: connecting takes long, and the caller's next
            # transaction must begin with its isolation level.
            with self.env.registry.cursor() as cr:
                # sudo: choosing a mail server reads its password.
                servers_sudo = (
                    self.with_env(self.env(cr=cr)).env["ir.mail_server"].sudo()
                )
                try:
                    return servers_sudo._connect__(smtp_from=sender)
                except (UserError, TypeError) as error:
                    # Without any server Odoo stumbles over its own error message.
                    raise ConfigError(str(error)) from error

        return open_session

    def _secret(self):
        """Return the main secret, "" when there is none."""
        found = _read_secret(f"VELOC_SECRET_{self._env_name()}")
        return found or self._stored_secrets().get("main", "")

    def _stored_secrets(self):
        """Return ``{name: secret}`` of those that stand encrypted in the database."""
        if not self.has_stored_secret:
            return {}
        # sudo: the adapter shows the provider who we are, whoever the user is.
        return self.sudo().secret_ids._by_name()

    def _secrets(self):
        """Return all secrets from the environment or files, read anew each time.

        One that is not there may be stored encrypted; the environment wins.
        Main: auth token, access token or private key. Named: ``previous``,
        ``api_key``, ``app``, ``app_previous``, ``verify`` and ``key_<id>``, from
        VELOC_SECRET_<CODE>_<NAME>.
        """
        prefix = f"VELOC_SECRET_{self._env_name()}"
        names = [*SECRET_NAMES]
        start = f"{prefix}_KEY_"
        names += {
            name.removeprefix(f"{prefix}_").removesuffix("_FILE").lower()
            for name in os.environ
            if name.startswith(start)
        }
        found = {name: _read_secret(f"{prefix}_{name.upper()}") for name in names}
        stored = self._stored_secrets()
        stored_main = stored.pop("main", "")
        return Secrets(
            _read_secret(prefix) or stored_main,
            stored | {name: value for name, value in found.items() if value},
        )

    def _env_name(self):
        return (self.code or "").upper().replace("-", "_")

    @api.model
    def _choose(self, channels, company=None):
        """Return {channel: account} for new messages: working ones first."""
        company = company or self.env.company
        accounts = self.search(
            [
                ("channel", "in", list(channels)),
                ("company_id", "in", [company.id, False]),
            ],
            order="state, sequence, id",  # "active" sorts before "paused"
        )
        chosen = {}
        # A company's own account goes before one that all companies share.
        for account in accounts.sorted(lambda a: (a.state, not a.company_id)):
            chosen.setdefault(account.channel, account)
        return chosen

    def _slow_down(self, until):
        """Leave the accounts alone until then; a longer wait in force stays."""
        for account in self.filtered(lambda a: not a.resume_at or a.resume_at < until):
            account.resume_at = until

    def _pause(self, reason):
        """Stop an account that the provider refuses as a whole."""
        self.filtered(lambda account: account.state == "active").write(
            {"state": "paused", "pause_reason": reason}
        )


def _read_secret(name):
    if secret := os.environ.get(name):
        return secret
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""

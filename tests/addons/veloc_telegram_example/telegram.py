"""Telegram's Bot API: one POST a message, one answer."""

import json

from odoo.addons.veloc_messaging.providers import base, registry, transport

CAPABILITIES = base.Capabilities(channels=frozenset({"push"}))


class TelegramProvider:
    """One bot; its token is the account's secret."""

    def __init__(self, config):
        self.config = config
        self.transport = transport.Transport(config.concurrency)

    def prepare(self):
        if not self.config.secret:
            return base.Result(base.CONFIG, "no_secret", whole_account=True)
        return None

    def send(self, message):
        base.refuse_unsupported(CAPABILITIES, message)
        host = self.config.base_url or "https://api.telegram.org"
        url = f"{host}/bot{self.config.secret}/sendMessage"
        body = json.dumps({"chat_id": message.to, "text": message.body}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = self.transport.call("POST", url, body, headers)
            return self._read(answer.status, answer.json())
        except transport.NetworkError as error:
            return transport.network_result(error)
        except (ValueError, KeyError, TypeError, AttributeError):
            return base.Result(base.IN_DOUBT, "bad_answer")  # it may have been taken

    def _read(self, status, told):
        if told.get("ok"):
            ref = str(told["result"]["message_id"])
            return base.Result(base.ACCEPTED, provider_ref=ref, status="sent")
        kinds = {401: base.CONFIG, 403: base.SUPPRESS, 429: base.SLOW}
        other = base.IN_DOUBT if status >= 500 else base.PERMANENT
        wait = told.get("parameters", {}).get("retry_after")
        kind, account = kinds.get(status, other), status == 401
        code, detail = f"http_{status}", told.get("description", "")
        return base.Result(kind, code, detail, "", wait, whole_account=account)

    def find(self, lookup):
        return base.Search(detail="no_lookup")  # bots cannot list what they sent

    def close(self):
        """Connections are kept."""


registry.register(
    registry.Kind(
        "telegram", "Telegram", CAPABILITIES, lambda c, _: TelegramProvider(c)
    )
)

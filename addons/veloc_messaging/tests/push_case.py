"""Set-up shared by the tests about web push: an account with a key, browsers."""

import base64
import os
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec

from ..providers import vapid
from ..rules.push_subscription import Keys
from .common import MessagingCase

SECRET = "5a" * 32
CHROME = "Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36"
BODIES = {"push": ("Novidades", "Há novidades para você: https://veloc.example.com/x")}


class PushCase(MessagingCase):
    """An account of web push whose key is in the environment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(
            patch.dict(os.environ, {"VELOC_SECRET_TEST_PUSH": SECRET})
        )
        cls.push = cls._account(
            "test-push", "push", provider="push", sender="push@veloc.example"
        )
        cls.notice = cls._approved_template("test-push", "marketing", bodies=BODIES)

    @staticmethod
    def _browser(name="ana-phone"):
        """Return what a browser of that name would hand us, as JSON."""
        key = ec.derive_private_key(sum(name.encode()) + 1, ec.SECP256R1())
        return {
            "endpoint": f"https://fcm.googleapis.com/fcm/send/{name}",
            "expirationTime": None,
            "keys": {
                "p256dh": vapid.encode(vapid.point(key)),
                "auth": base64.urlsafe_b64encode(bytes(16)).decode().rstrip("="),
            },
        }

    @classmethod
    def _subscribe(cls, partner=None, name="ana-phone", account=None):
        """Turn notifications on in a browser of that name; return the row."""
        raw = cls._browser(name)
        subscriptions = cls.env["veloc.push.subscription"]
        subscriptions._subscribe(
            partner or cls.ana,
            account or cls.push,
            Keys(raw["endpoint"], **raw["keys"]),
            CHROME,
        )
        return subscriptions.search([("endpoint", "=", raw["endpoint"])])

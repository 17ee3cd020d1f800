"""Meta's refusals: code, HTTP status and words, in the shape of the Graph API."""

from uuid import uuid4

TEXTS = {
    0: (401, "AuthException"),
    4: (400, "Application request limit reached"),
    10: (403, "Application does not have permission for this action"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    130429: (429, "Rate limit hit"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131047: (400, "Re-engagement message"),
    131049: (400, "This message was not delivered to maintain healthy engagement"),
    131050: (400, "User has stopped marketing messages from this business"),
    131051: (400, "Unsupported message type"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
}


class GraphRefusal(Exception):  # noqa: N818 a Meta answer, not a fault of ours
    """A request that the Graph API would answer with an error."""

    def __init__(self, code, details="", subcode=None):
        self.code, self.details, self.subcode = code, details, subcode
        self.status, self.title = TEXTS.get(code, (400, "Error"))
        super().__init__(f"(#{code}) {self.title}")

    def as_json(self):
        """Return the body that Meta sends with this error."""
        error = {
            "message": str(self),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {
                "messaging_product": "whatsapp",
                "details": self.details or self.title,
            },
            "fbtrace_id": uuid4().hex[:11],
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
            error["error_user_msg"] = self.details
        return {"error": error}


def reported(code):
    """Return an error as status webhooks carry it."""
    title = TEXTS.get(code, (400, "Error"))[1]
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": f"{title} ({code})"},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/",
    }

"""Twilio's refusals: code, HTTP status and words, in Twilio's JSON shape."""

TEXTS = {
    20001: (400, "Bad Request: {what}"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {uri} was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "Invalid 'To' Phone Number: {to}"),
    21212: (400, "Invalid From Number (caller ID): {sender}"),
    21266: (400, "'To' and 'From' number cannot be the same: {to}"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated "
        "by the 'To' number: {to}",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The From phone number {sender} is not a valid, SMS-capable inbound phone "
        "number or short code for your account.",
    ),
    21609: (400, "The 'StatusCallback' URL {callback} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (
        400,
        "This 'From' number {sender} has exceeded the maximum number of queued "
        "messages",
    ),
    21612: (
        400,
        "The 'To' phone number {to} is not currently reachable using the 'From' "
        "phone number {sender} via SMS.",
    ),
    21614: (400, "'To' number is not a valid mobile number: {to}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21655: (400, "The ContentSid {content_sid} is Invalid"),
    21656: (400, "The Content Variables parameter is invalid."),
    21701: (400, "The Messaging Service does not exist"),
    21910: (
        400,
        "Invalid From and To pair. From and To should be of the same channel",
    ),
    30409: (409, "This message cannot be canceled"),
    35111: (400, "SendAt timestamp is missing"),
    35114: (400, "Scheduling does not support this timestamp"),
    35118: (400, "MessagingServiceSid is required to schedule a message"),
    35126: (400, "The ScheduleType value provided is not supported"),
}


class Refusal(Exception):  # noqa: N818 a Twilio answer, not a fault of ours
    """A request that Twilio would answer with an error."""

    def __init__(self, code, **words):
        self.code = code
        self.status, text = TEXTS[code]
        self.message = text.format_map(_Blank(words))
        super().__init__(f"{code} {self.message}")

    def as_json(self):
        """Return the body that Twilio sends with this error."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        if self.code == 20003:
            body["detail"] = "Your AccountSid or AuthToken was incorrect."
        return body


class _Blank(dict):
    def __missing__(self, key):
        return ""

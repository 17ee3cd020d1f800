"""Values that the addons above share."""

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("whatsapp", "WhatsApp"),
    ("push", "Push"),
    ("call", "Phone call"),
]

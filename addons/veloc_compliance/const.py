"""Values that the addons above share."""

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("whatsapp", "WhatsApp"),
    ("push", "Push"),
    ("call", "Phone call"),
]

PURPOSE_KINDS = [
    ("service", "Service"),
    ("marketing", "Marketing"),
    ("bonus", "Bonus"),
    ("tournament", "Tournament"),
    ("winback", "Win-back"),
]

# Kinds that contact hours and care suppressions hold back.
PROMOTIONAL = frozenset({"marketing", "bonus", "tournament", "winback"})

# LGPD art. 7, in the order of the law.
LEGAL_BASES = [
    ("consent", "Consent (art. 7 I)"),
    ("legal_obligation", "Legal obligation (art. 7 II)"),
    ("public_policy", "Public policy (art. 7 III)"),
    ("research", "Research (art. 7 IV)"),
    ("contract", "Contract (art. 7 V)"),
    ("legal_claim", "Exercise of rights in proceedings (art. 7 VI)"),
    ("vital_interest", "Protection of life (art. 7 VII)"),
    ("health", "Protection of health (art. 7 VIII)"),
    ("legitimate_interest", "Legitimate interest (art. 7 IX)"),
    ("credit", "Protection of credit (art. 7 X)"),
]

# Bases on which the person has the last word.
REVOCABLE_BASES = frozenset({"consent", "legitimate_interest"})

SUPPRESSION_KINDS = [
    ("self_exclusion", "Self-exclusion"),
    ("cooling_off", "Cooling-off period"),
    ("loss_limit", "Loss limit reached"),
    ("minor", "Minor"),
    ("complaint", "Open complaint"),
    ("kyc_block", "Identity check blocked"),
    ("opt_out", "Opted out of a channel"),
    ("channel_blocked", "Channel blocked"),
    ("deceased", "Deceased"),
    ("blocklist", "Do-not-contact list"),
]

# Suppressions that concern one channel and must name it.
CHANNEL_SUPPRESSIONS = frozenset({"opt_out", "channel_blocked"})

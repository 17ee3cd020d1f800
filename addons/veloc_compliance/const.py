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

# LGPD art. 11: the only grounds for sensitive data, beside the basis above.
SENSITIVE_BASES = [
    ("consent", "Specific and highlighted consent (art. 11 I)"),
    ("legal_obligation", "Legal obligation (art. 11 II a)"),
    ("public_policy", "Public policy (art. 11 II b)"),
    ("research", "Research (art. 11 II c)"),
    ("rights", "Exercise of rights, also under a contract (art. 11 II d)"),
    ("vital_interest", "Protection of life (art. 11 II e)"),
    ("health", "Protection of health (art. 11 II f)"),
    (
        "fraud_prevention",
        "Prevention of fraud and security of the person (art. 11 II g)",
    ),
]

# Bases on which the person has the last word.
REVOCABLE_BASES = frozenset({"consent", "legitimate_interest"})

SUPPRESSION_KINDS = [
    ("self_exclusion", "Self-exclusion"),
    ("cooling_off", "Cooling-off period"),
    ("loss_limit", "Limit of their own reached"),
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

# Rights of the data subject: LGPD art. 18, in the order of the law, and art. 20.
REQUEST_KINDS = [
    ("confirmation", "Confirmation (art. 18 I)"),
    ("access", "Access (art. 18 II)"),
    ("correction", "Correction (art. 18 III)"),
    ("elimination", "Anonymisation, blocking or elimination (art. 18 IV)"),
    ("portability", "Portability (art. 18 V)"),
    ("consent_elimination", "Elimination of consented data (art. 18 VI)"),
    ("sharing", "With whom data are shared (art. 18 VII)"),
    ("refusal_info", "What refusing consent means (art. 18 VIII)"),
    ("revocation", "Revocation of consent (art. 18 IX)"),
    ("opposition", "Opposition (art. 18 § 2)"),
    ("automated_review", "Review of automated decisions (art. 20)"),
]
REQUEST_STATES = [
    ("received", "Received"),
    ("identity_unverified", "Identity not proven"),
    ("in_progress", "In progress"),
    ("waiting", "Waiting for the person"),
    ("done", "Answered"),
    ("denied", "Refused"),
    ("duplicate", "Duplicate"),
    ("expired", "Never proven"),
]

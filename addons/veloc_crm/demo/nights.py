"""The last three nights of the demo's broker, and what its months were like."""

from datetime import timedelta

# Nights ago, and the step that failed then: the database was restarted meanwhile.
NIGHTS = ((3, None), (2, "scores"), (1, None))
# Ten past three in São Paulo.
STARTS = timedelta(hours=6, minutes=10)
ERROR = "OperationalError"
# Findings of the demo are dated back over so many days.
DAYS, STRIDE = 75, 29
# Findings of the months before that are in order again.
SOLVED = (
    ("name_spelling",) * 4
    + ("zone_missing",) * 3
    + ("email_typo", "email_typo", "phone_invalid", "cep_state")
)
# What was written better on entry, newest month first; the last has no report.
TIDIED = (
    {"name": 41, "email": 12, "phone": 66, "street": 9, "zip": 7, "city": 18},
    {"name": 58, "email": 19, "phone": 71, "street": 14, "zip": 9, "city": 23},
    {"name": 63, "email": 22, "phone": 80, "street": 15, "zip": 11, "city": 29},
)


def steps(people: int) -> list[tuple[str, float, dict]]:
    """Return (code, seconds, counts) of a quiet night with so many traders."""
    share = -(-people // 7)
    return [
        ("windows", 0.4, {"moved": people // 2}),
        ("reconcile", 0.6, {"traders": share, "repairs": 0}),
        ("tiers", 0.3, {"warned": 1, "granted": 0, "ended": 0}),
        ("rfm", 0.2, {"people": people, "changed": 1}),
        ("scores", 1.1, {"people": people, "changed": 3}),
        ("segments", 0.9, {"traders": people, "moves": 2}),
        ("hygiene", 0.5, {"people": share, "pairs": 2, "issues": 1, "links": 0}),
        ("hygiene_report", 0.1, {"reports": 0}),
        ("archive", 0.1, {"months": 0}),
    ]

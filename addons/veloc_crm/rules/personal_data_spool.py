"""What the CRM keeps of refused rows and of files: the rows themselves are sealed."""

from __future__ import annotations


def _entry(*what, **more):
    return what, more


ALL = (
    _entry(
        "veloc.ingest.reject",
        "trader_id.partner_id",
        "company_id source road external_id trader_ref trader_id type currency "
        "target code state is_news received_at tried_at attempts times line "
        "discard_reason corrected_by",
        "access_log",
        "delete",
    ),
    _entry(
        "veloc.ingest.reject",
        "trader_id.partner_id",
        "spool_id digest row_sealed",
        "access_log",
        "delete",
        shown=False,
    ),
)
NOBODY = ("veloc.spool", "veloc.archive", "veloc.import.profile")

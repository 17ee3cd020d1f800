"""What forms on the broker's site store about people."""

ALL = (
    (
        (
            "veloc.capture.submission",
            "pending_id.partner_id",
            "form_id variant_id pending_id phone touches nonce sent_at state trader_id",
            "contact",
            "delete",
        ),
        {"shown": False, "consented": True},
    ),
    (
        (
            "veloc.touchpoint",
            "partner_id",
            "trader_id partner_id company_id place at utm_source utm_medium "
            "utm_campaign utm_content utm_term click_kind click_id page referrer "
            "form_id variant_id",
            "behaviour",
            "delete",
        ),
        {"consented": True},
    ),
)
NOBODY = ("veloc.capture.day", "veloc.capture.form", "veloc.capture.variant")

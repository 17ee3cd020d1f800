"""What lists for advertising platforms store about people."""

ALL = (
    (
        (
            "veloc.audience.member",
            "partner_id",
            "export_id partner_id since run_id is_told row",
            "contact",
            "keep",
        ),
        {
            "reason": "Hashes only, until the next run puts them into the remove file: "
            "the next day at the latest.",
        },
    ),
    (
        (
            "veloc.audience.removal",
            "partner_id",
            "export_id partner_id run_id since row",
            "contact",
            "keep",
        ),
        {
            "reason": "Hashes only, until the remove file that takes them back from "
            "the platform was fetched; an alert tells if nobody does.",
        },
    ),
)
NOBODY = ("veloc.audience.export", "veloc.audience.run")

"""What lists for advertising platforms store about people."""

ALL = (
    (
        (
            "veloc.audience.member",
            "partner_id",
            "export_id partner_id since row",
            "contact",
            "keep",
        ),
        {
            "reason": "Hashes only, until the remove file that takes them back from "
            "the platform was made: the next day at the latest.",
        },
    ),
)
NOBODY = ("veloc.audience.export", "veloc.audience.run")

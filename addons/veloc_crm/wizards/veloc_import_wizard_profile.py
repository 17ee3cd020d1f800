from odoo import models


class VelocImportWizard(models.TransientModel):
    """What was found out about a file serves the files that come after it."""

    _inherit = "veloc.import.wizard"

    def action_save_profile(self):
        """Keep what the columns mean, for files of the spool folder (button)."""
        self._check_settings()
        job = self._get_job()
        profile = self.env["veloc.import.profile"].create(
            {
                "name": self.source,
                "source": self.source,
                "kind": self.kind,
                "columns": list(job.table.columns),
                "mapping": dict(job.mapping),
                "currency_id": self.currency_id.id,
                "decimal": job.decimal,
                "is_day_first": job.day_first,
            }
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Saved: files with these columns in the spool folder are read by "
                    "the profile “%(name)s”.",
                    name=profile.name,
                ),
            },
        }

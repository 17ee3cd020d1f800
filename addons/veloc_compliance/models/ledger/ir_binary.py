from odoo import models

# Shown in every list; that somebody saw a face is in the reading of the list.
PICTURES = ("image", "avatar")


class IrBinary(models.AbstractModel):
    """A file in a field of a person's record is a reading of their data."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        stream = super()._get_stream_from(record, field_name, *args, **kwargs)
        if record._veloc_ledger_reads and not field_name.startswith(PICTURES):
            self.env["veloc.ledger.reading"]._opened(record, f"file:{field_name}")
        return stream

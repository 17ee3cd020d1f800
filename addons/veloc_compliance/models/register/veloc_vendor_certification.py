from odoo import fields, models

STANDARDS = [
    ("iso27001", "ISO/IEC 27001"),
    ("iso27701", "ISO/IEC 27701"),
    ("soc2", "SOC 2 type II"),
    ("pci", "PCI DSS"),
    ("other", "Other"),
]


class VelocVendorCertification(models.Model):
    """A certificate of a vendor, and until when it counts."""

    _name = "veloc.vendor.certification"
    _description = "Certificate of a vendor"
    _order = "valid_until desc, id desc"

    vendor_id = fields.Many2one(
        "veloc.vendor", required=True, ondelete="cascade", index=True
    )
    standard = fields.Selection(STANDARDS, required=True, default="iso27001")
    number = fields.Char()
    valid_until = fields.Date(required=True, index=True)
    file = fields.Binary("Certificate", attachment=True)
    file_name = fields.Char()
    is_valid = fields.Boolean(compute="_compute_is_valid")

    def _compute_is_valid(self):
        today = fields.Date.context_today(self)
        for certificate in self:
            until = certificate.valid_until
            certificate.is_valid = bool(until) and until >= today

    def _compute_display_name(self):
        labels = dict(self._fields["standard"]._description_selection(self.env))
        for certificate in self:
            label = labels.get(certificate.standard)
            certificate.display_name = " · ".join(
                filter(None, (label, certificate.number))
            )

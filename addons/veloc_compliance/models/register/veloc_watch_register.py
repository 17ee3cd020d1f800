from odoo import api, fields, models

from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """Vendors, certificates, impact reports and entries whose day has come."""

    _inherit = "veloc.watch"

    def _check_vendor_check_overdue(self, _rule, _since):
        """Vendors in use whose next check lies in the past."""
        vendors = self._vendors([("next_check_on", "<", self._today())])
        text = self.env._("%(vendor)s should have been checked by %(day)s.")
        return [
            self._finding(v, text % {"vendor": v.name, "day": v.next_check_on})
            for v in vendors
        ]

    def _check_transfer_without_mechanism(self, _rule, _since):
        """Vendors in use abroad without a ground of art. 33, or contracts over."""
        return [
            self._finding(vendor, f"{vendor.name}: {vendor.todo}")
            for vendor in self._vendors([])
            if vendor.todo
        ]

    def _check_vendor_certificate_expired(self, _rule, _since):
        """Certificates of vendors in use that no longer count and have no successor."""
        text = self.env._("%(certificate)s of %(vendor)s ended on %(day)s.")
        found = []
        for vendor in self._vendors([("certification_ids", "!=", False)]):
            for over in self._newest_of_each(vendor).filtered(lambda c: not c.is_valid):
                detail = text % {
                    "certificate": over.display_name,
                    "vendor": vendor.name,
                    "day": over.valid_until,
                }
                found.append(self._finding(vendor, detail, key=f"{over.id}"))
        return found

    def _newest_of_each(self, vendor):
        """Return the newest certificate per standard."""
        newest = {}
        for certificate in vendor.certification_ids.sorted("valid_until"):
            newest[certificate.standard] = certificate.id
        return vendor.certification_ids.browse(newest.values())

    def _check_impact_report_missing(self, _rule, _since):
        """Activities of high risk in force whose report ended or was withdrawn."""
        activities = self.env["veloc.processing.activity"].search(
            [("state", "=", "active"), ("risk", "=", "high")]
        )
        text = self.env._("“%s” has no impact report in force.")
        return [
            self._finding(activity, text % activity.name)
            for activity in activities
            if not activity.has_impact
        ]

    def _check_activity_review_overdue(self, _rule, _since):
        """Entries of the register nobody looked at when they should have."""
        activities = self.env["veloc.processing.activity"].search(
            [("state", "=", "active"), ("review_on", "<", self._today())]
        )
        text = self.env._("“%(name)s” was to be reviewed by %(day)s.")
        return [
            self._finding(a, text % {"name": a.name, "day": a.review_on})
            for a in activities
        ]

    def _check_data_class_without_activity(self, _rule, _since):
        """Personal data are stored that no entry in force speaks of (art. 37)."""
        stored = {
            source.data_class
            for source in self.env["veloc.personal.data"]._data_map()
            if source.is_personal
        }
        activities = self.env["veloc.processing.activity"].search(
            [("state", "=", "active")]
        )
        missing = stored - set(activities.data_class_ids.mapped("code"))
        classes = self.env["veloc.data.class"].search([("code", "in", list(missing))])
        text = self.env._("No processing activity in force speaks of: %s.")
        return [
            self._finding(data_class, text % data_class.name) for data_class in classes
        ]

    @api.model
    def _register_findings(self, company):
        """Return what is wrong in the registers of a company, as sentences."""
        checks = (
            self._check_vendor_check_overdue,
            self._check_transfer_without_mechanism,
            self._check_vendor_certificate_expired,
            self._check_impact_report_missing,
            self._check_activity_review_overdue,
            self._check_data_class_without_activity,
        )
        found = [finding for check in checks for finding in check(None, None)]
        return [
            finding.detail
            for finding in found
            if finding.company_id in (None, company.id)
        ]

    def _vendors(self, domain):
        return self.env["veloc.vendor"].search([("state", "=", "active"), *domain])

    def _finding(self, record, detail, key=None):
        company = record.company_id.id if "company_id" in record._fields else None
        return Finding(
            key or f"{record.id}", detail, record._name, record.id, company_id=company
        )

    def _today(self):
        return fields.Date.context_today(self)

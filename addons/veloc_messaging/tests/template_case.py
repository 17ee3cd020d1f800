"""Templates as an editor would write them, for the tests of this addon."""

from odoo.addons.veloc_compliance.tests.common import ComplianceCase

SMS = {"channel": "sms", "lang": "pt_BR"}
TEXT = "{{ first_name | default('Olá') }}, recebemos {{ amount }}."


class TemplateCase(ComplianceCase):
    """Can make a template, approved or not, in one line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One user sets up what two people would: see test_veloc_template_approval.
        cls.env["res.company"].search([]).veloc_two_person_approval = False

    @classmethod
    def _template(cls, *bodies, approve=True, **values):
        """Return a template with one version that has these texts."""
        template = cls.env["veloc.template"].create(
            {
                "name": "Deposit approved",
                "code": "test_deposit",
                "purpose_id": cls.purpose("account_service").id,
                **values,
            }
        )
        version = cls.env["veloc.template.version"].create(
            {
                "template_id": template.id,
                "body_ids": [
                    (0, 0, body) for body in bodies or [{**SMS, "body": TEXT}]
                ],
            }
        )
        if approve:
            version.action_approve()
        return template

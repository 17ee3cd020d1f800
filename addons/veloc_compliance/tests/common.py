"""Set-up shared by the tests of this addon and of those above it."""

from datetime import datetime

from odoo.tests import TransactionCase

from .access_matrix import AccessMatrixCase

__all__ = ["NOON", "AccessMatrixCase", "ComplianceCase"]

# A Wednesday, 12:00 in São Paulo: every contact window is open.
NOON = datetime(2026, 3, 11, 15, 0)


class ComplianceCase(TransactionCase):
    """Two Brazilians who can be reached: Ana has said nothing yet, nor has Rui."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The pages and templates of the house speak both, whatever the database.
        for lang in ("pt_BR", "en_US"):
            cls.env["res.lang"]._activate_lang(lang)
        cls.gate = cls.env["veloc.contact.gate"]
        cls.ana, cls.rui = cls.env["res.partner"].create(
            [
                cls._prepare_person("Ana", "ana@example.com", "+55 11 96123-4567"),
                cls._prepare_person("Rui", "rui@example.com", "+55 21 96123-4567"),
            ]
        )

    @classmethod
    def _prepare_person(cls, name, email, phone):
        return {
            "name": name,
            "email": email,
            "phone": phone,
            "country_id": cls.env.ref("base.br").id,
            "lang": "pt_BR",
            # Otherwise the zone of the user who runs the tests.
            "tz": False,
        }

    @classmethod
    def purpose(cls, code):
        """Return the shipped purpose of this code."""
        return cls.env.ref(f"veloc_compliance.veloc_purpose_{code}")

    @classmethod
    def _grant(cls, partner, purpose="marketing", channel="sms", granted=True, **more):
        """Record the person's word and return the consent event."""
        item = {
            "partner_id": partner.id,
            "purpose": purpose,
            "channel": channel,
            "granted": granted,
            "source": "test",
        }
        (answer,) = cls.env["veloc.consent"].record([item | more])
        return cls.env["veloc.consent"].browse(answer["id"])

    @classmethod
    def _balancing(cls, purpose, **changes):
        """Return an approved balancing test for ``purpose``."""
        words = "Written down in words by the team."
        test = cls.env["veloc.balancing"].create(
            {
                "name": f"Test of {purpose.code}",
                "purpose_id": purpose.id,
                "interest": words,
                "situation": words,
                "data_used": words,
                "necessity": words,
                "expectation_note": words,
                "impact": words,
                "safeguards": words,
                "conclusion": words,
                "is_lawful": True,
                "is_expected": True,
                "has_opt_out": True,
                "outcome": "passes",
                **changes,
            }
        )
        test.action_approve()
        return test

    @classmethod
    def _publish(cls, code="marketing", **values):
        """Publish a new version of a shipped purpose, the notice's items included."""
        purpose = cls.purpose(code)
        if values.get("legal_basis") == "legitimate_interest":
            values.setdefault("balancing_id", cls._balancing(purpose).id)
        items = {
            f"notice_{name}": f"The {name}."
            for name in ("use", "means", "duration", "sharing", "responsibilities")
        }
        version = cls.env["veloc.purpose.version"].create(
            {"purpose_id": purpose.id, "notice": "We write to you.", **items, **values}
        )
        version.action_publish()
        return version

    def _ask(self, partner, purpose="marketing", channel="sms", now=NOON):
        """Return the gate's verdict on one question."""
        ask = (partner.id, self.purpose(purpose).id, channel)
        return self.gate._ask([ask], now)[0]

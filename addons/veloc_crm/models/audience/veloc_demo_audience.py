from datetime import timedelta

from odoo import api, fields, models

ADS = "ads_audience"


class VelocDemo(models.AbstractModel):
    """Lists for three ad platforms, and runs of the one that is in use."""

    _inherit = "veloc.demo"

    @api.model
    def _load_audience(self):
        """Called from the demo data, after the people are there."""
        self._agree()
        company = self.env.company
        meta, google = map(self._make_vendor, ("Meta Platforms, Inc.", "Google LLC"))
        tiktok = self._make_vendor("TikTok Pte. Ltd.", "base.sg")
        meta.action_activate()
        segment = self._make_list()
        export = self.env["veloc.audience.export"].create(
            {
                "name": "Lançamento · Meta",
                "segment_id": segment.id,
                "vendor_id": meta.id,
                "company_id": company.id,
                "smallest": 20,
                "interval": "day",
            }
        )
        export.action_activate()
        now = fields.Datetime.now()
        first = export._run(now - timedelta(days=3))
        first._note_told("add")
        self._change_mind(first)
        export._run(now)
        self.env["veloc.audience.export"].create(
            {
                "name": "Lançamento · Google",
                "platform": "google",
                "segment_id": segment.id,
                "vendor_id": google.id,
                "company_id": company.id,
            }
        )
        self.env["veloc.audience.export"].create(
            {
                "name": "Lançamento · TikTok",
                "platform": "tiktok",
                "segment_id": segment.id,
                "vendor_id": tiktok.id,
                "company_id": company.id,
            }
        )

    def _change_mind(self, run):
        """Let one person take it back: the next run's remove file waits."""
        partner = run._rows_of("add")[:1].partner_id
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": ADS,
                    "channel": channel,
                    "granted": False,
                    "source": "demo",
                    "language": "pt_BR",
                }
                for channel in ("email", "whatsapp")
            ]
        )

    def _make_list(self):
        segment = self.env["veloc.segment"].create(
            {
                "name": "Lançamento da nova plataforma",
                "code": "launch",
                "kind": "static",
            }
        )
        traders = self.env["veloc.trader"].search([("external_ref", "like", "VB-")])
        now = fields.Datetime.now()
        self.env["veloc.segment.member"].create(
            [
                {"segment_id": segment.id, "trader_id": trader.id, "since": now}
                for trader in traders
            ]
        )
        return segment

    def _make_vendor(self, name, country="base.us"):
        vendor = self.env["veloc.vendor"].create(
            {
                "name": name,
                "role": "joint_controller",
                "services": "Mostra anúncios a quem reconhece pelos hashes.",
                "country_id": self.env.ref(country).id,
                "mechanism": "consent",
                "contract_reference": f"Termos de públicos personalizados, {name}",
                "contract_signed_on": fields.Date.today(),
                "data_class_ids": [
                    (4, self.env.ref("veloc_compliance.veloc_data_class_contact").id)
                ],
            }
        )
        self.env["veloc.vendor.check"].create(
            {
                "vendor_id": vendor.id,
                "checked_on": fields.Date.today(),
                "outcome": "fine",
                "finding": "Termos e segurança conferidos.",
            }
        )
        return vendor

    def _agree(self):
        """Let every other person of the demo agree to be handed over."""
        traders = self.env["veloc.trader"].search(
            [("external_ref", "like", "VB-")], order="id"
        )
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": trader.partner_id.id,
                    "purpose": ADS,
                    "channel": channel,
                    "granted": True,
                    "source": "demo",
                    "language": "pt_BR",
                }
                for trader in traders[::2]
                for channel in ("email", "whatsapp")
            ]
        )

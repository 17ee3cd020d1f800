import random
from datetime import timedelta

from odoo import api, fields, models

SEED = 11
SITE = "https://veloc.example"
TEXTS = (
    (
        "A",
        {
            "title": "Guia gratuito: os primeiros passos no mercado",
            "body": "Receba por e-mail um guia de 12 páginas sobre ordens, custos e "
            "gestão de risco, escrito pela nossa equipe.",
            "offer": "Guia em PDF, sem custo",
            "button": "Quero o guia",
        },
        {
            "title": "Free guide: first steps in the market",
            "body": "Get a 12-page guide by e-mail about orders, costs and risk "
            "management, written by our team.",
            "offer": "PDF guide, free of charge",
            "button": "Send me the guide",
        },
    ),
    (
        "B",
        {
            "title": "Aula ao vivo na quinta-feira",
            "body": "Uma hora com nossa equipe sobre como ler um gráfico e quanto "
            "arriscar por operação. Perguntas são bem-vindas.",
            "offer": "Aula on-line, sem custo",
            "button": "Quero participar",
        },
        {
            "title": "Live class on Thursday",
            "body": "One hour with our team on how to read a chart and how much to "
            "risk in one trade. Questions are welcome.",
            "offer": "Online class, free of charge",
            "button": "Save my place",
        },
    ),
)
RATES = {"A": (0.55, 0.031, 0.62), "B": (0.48, 0.045, 0.66)}


class VelocDemo(models.AbstractModel):
    """A form on the broker's site, with a month of numbers and some visits."""

    _inherit = "veloc.demo"

    @api.model
    def _load_capture(self):
        """Called from the demo data, after the people are there."""
        form = self.env["veloc.capture.form"].create(
            {
                "name": "Guia para iniciantes",
                "code": "guia",
                "origins": SITE,
                "tracks_signup": True,
                "tracks_deposit": True,
            }
        )
        for name, portuguese, english in TEXTS:
            variant = self.env["veloc.capture.variant"].create(
                {"form_id": form.id, "name": name, **english}
            )
            variant.with_context(lang="pt_BR").write(portuguese)
        form.with_context(
            lang="pt_BR"
        ).risk_notice = "Operar no mercado financeiro envolve risco de perdas."
        form.action_publish()
        dice = random.Random(SEED)  # noqa: S311 - a story, no secret
        self._count_month(form, dice)
        self._leave_visits(form, dice)

    def _count_month(self, form, dice):
        today = fields.Date.today()
        rows = []
        for back in range(30, 0, -1):
            for variant in form.variant_ids:
                closes, sent, confirmed = RATES[variant.name]
                shows = dice.randint(38, 66)
                sendings = sum(dice.random() < sent for _view in range(shows))
                rows.append(
                    {
                        "form_id": form.id,
                        "variant_id": variant.id,
                        "day": today - timedelta(days=back),
                        "shows": shows,
                        "closes": round(shows * closes),
                        "submissions": sendings,
                        "confirmations": round(sendings * confirmed),
                    }
                )
            begun = dice.randint(14, 30)
            rows.append(
                {
                    "form_id": form.id,
                    "day": today - timedelta(days=back),
                    "signups_started": begun,
                    "signups_left": round(begun * 0.4),
                    "deposits_started": begun // 3,
                    "deposits_left": begun // 9,
                }
            )
        self.env["veloc.capture.day"].create(rows)

    def _leave_visits(self, form, dice):
        """Say how some of the demo's people found the broker."""
        traders = self.env["veloc.trader"].search(
            [("source_id", "!=", False)], order="id", limit=20
        )
        rows = []
        for trader in traders:
            source = trader.source_id.name
            paid = {"google": "gclid", "instagram": "fbclid", "tiktok": "ttclid"}
            kind = paid.get(source)
            begin = trader.lead_at or trader.signup_at or trader.create_date
            for place, days in (("first", dice.randint(2, 9)), ("last", 0)):
                rows.append(
                    {
                        "trader_id": trader.id,
                        "partner_id": trader.partner_id.id,
                        "company_id": trader.company_id.id,
                        "place": place,
                        "at": begin - timedelta(days=days, minutes=5),
                        "utm_source": source,
                        "utm_medium": "cpc" if kind else "referral",
                        "utm_campaign": trader.campaign_id.name or "guia",
                        "click_kind": kind,
                        "click_id": kind and f"demo-{dice.getrandbits(60):x}",
                        "page": f"{SITE.removeprefix('https://')}/guia",
                        "form_id": form.id,
                        "variant_id": dice.choice(form.variant_ids.ids),
                    }
                )
        self.env["veloc.touchpoint"].create(rows)

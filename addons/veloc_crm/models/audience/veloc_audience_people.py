"""Who of a segment may be handed to a platform, and with what."""

from collections import Counter, namedtuple

from odoo import api, models

from ...rules import audience_hash
from ...rules.audience_hash import Identity
from ...rules.person import adult_on

# ``rows``: {partner id: row of the file}; ``counts``: members, without_consent,
# withheld, exported.
Found = namedtuple("Found", "rows counts")

BATCH = 5_000
# Consent on a channel lets its address be handed over; a number has two.
EMAIL, PHONES = "email", ("whatsapp", "sms")
# Hours are for messages: a list is no message, and the platform keeps its own.
HOURS = "contact_hours"
CARE = frozenset({"known", "deceased", "suppression", "channel", "minor"})


class VelocAudiencePeople(models.AbstractModel):
    """The gate decides about each person and channel; nobody else does."""

    _name = "veloc.audience.people"
    _description = "Audience: who may be handed over"

    @api.model
    def _find(self, export, now, nobody=False):
        """Return ``Found`` of the export's segment as it is now."""
        counts = Counter(members=0, without_consent=0, withheld=0, exported=0)
        rows = {}
        traders = self._traders(export) if not nobody else self.env["veloc.trader"]
        for start in range(0, len(traders), BATCH):
            batch = traders[start : start + BATCH]
            rows |= self._rows(export, batch, now, counts)
            batch.invalidate_recordset()
        if export.kind == "seed":
            rows = self._most_valuable(export, rows)
        # A short list points at its people; who is there already may stay.
        if len(rows) < export.smallest:
            there = self.env["veloc.audience.member"]._rows(export, told=True)
            rows = {key: row for key, row in rows.items() if key in there}
        counts["exported"] = len(rows)
        return Found(rows, counts)

    def _traders(self, export):
        """Return the segment's people of the export's company."""
        return self.env["veloc.trader"].search(
            [
                ("id", "in", export.segment_id._member_ids()),
                ("company_id", "=", export.company_id.id),
            ],
            order="id",
        )

    @api.model
    def _is_any_gone(self, export, now):
        """Return whether somebody must be removed from the platform by a new file."""
        if self.env["veloc.audience.removal"]._is_any_lost(export, now):
            return True
        there = self.env["veloc.audience.member"]._rows(export, told=True)
        if not there:
            return False
        found = self._find(export, now)
        return bool(audience_hash.changes(there, found.rows)[1])

    @api.model
    def _find_among(self, export, partners, now):
        """Return the rows of those of these people who may be handed over now."""
        rows, ids = {}, partners.ids
        traders = self._traders(export)
        for start in range(0, len(ids), BATCH):
            batch = traders.search(
                [
                    ("id", "in", traders.ids),
                    ("partner_id", "in", ids[start : start + BATCH]),
                ]
            )
            rows |= self._rows(export, batch, now, Counter())
        return rows

    # === ONE BATCH === #

    def _rows(self, export, traders, now, counts):
        purpose = export._purpose()
        partners = traders.partner_id
        asks = [ask for partner in partners for ask in asks_of(partner.id, purpose.id)]
        verdicts = dict(
            zip(asks, self.env["veloc.contact.gate"]._ask(asks, now), strict=True)
        )
        consents = self.env["veloc.consent.state"]._gate_consents(
            partners.ids, purpose.ids
        )
        rows = {}
        for trader in traders:
            own = asks_of(trader.partner_id.id, purpose.id)
            open_ = {
                ask[2]
                for ask in own
                if self._passes(export, verdicts[ask], consents.get(ask), purpose)
            }
            counts["members"] += 1
            if self._is_child(trader.partner_id, now):
                open_ = set()
            person = self._identity(export, trader, open_)
            if person.is_findable:
                rows[trader.partner_id.id] = audience_hash.row(person, export.platform)
            elif any(verdicts[ask].rule in CARE for ask in own):
                counts["withheld"] += 1
            else:
                counts["without_consent"] += 1
        return rows

    def _passes(self, export, verdict, consent, purpose):
        """Return whether the address of this channel may be handed over."""
        if verdict.allowed or verdict.rule == HOURS:
            return True
        # Who agreed and is under protection now belongs on the lists that ads leave
        # alone; who never agreed is on no list at all.
        return (
            export.kind == "suppression"
            and verdict.rule == "suppression"
            and verdict.reason != "minor"
            and consent is not None
            and consent.granted
            and consent.number >= purpose.current_version_id.covers_from
        )

    def _is_child(self, partner, now):
        born = partner.veloc_birth_date
        return bool(born) and adult_on(born) > now.date()

    def _identity(self, export, trader, channels):
        """Return what may be told of a person whose ``channels`` are open."""
        partner = trader.partner_id
        told = {}
        if EMAIL in channels:
            told["email"] = partner.email_normalized or ""
        if channels & set(PHONES):
            told["phone"] = partner.phone_sanitized or ""
        if not any(told.values()):
            return Identity()
        if export.has_details:
            first, last = audience_hash.split_name(partner.name)
            told |= {
                "first_name": first,
                "last_name": last,
                "city": partner.city or "",
                "state": partner.state_id.code or "",
                "zip_code": partner.zip or "",
                "country": partner.country_id.code or "",
                "born": partner.veloc_birth_date or None,
                "reference": trader.external_ref,
            }
        return Identity(**told)

    def _most_valuable(self, export, rows):
        traders = self.env["veloc.trader"].search(
            [("partner_id", "in", list(rows)), ("net_deposit", ">", 0)],
            order="net_deposit desc, id",
            limit=export.seed_size,
        )
        return {partner.id: rows[partner.id] for partner in traders.partner_id}


def asks_of(partner_id, purpose_id):
    """Return what the gate is asked about one person."""
    return [(partner_id, purpose_id, channel) for channel in (EMAIL, *PHONES)]

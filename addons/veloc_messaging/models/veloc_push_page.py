from urllib.parse import urlsplit

from odoo import api, models

from ..rules import push_subscription

SOURCE = "push_page"
_SITES = ("site_url", "login_url", "deposit_url", "support_url")


class VelocPushPage(models.AbstractModel):
    """What the public notification page shows a person and records of them.

    Called for anonymous visitors with a signed link, hence private throughout.
    """

    _name = "veloc.push.page"
    _description = "Notification page"

    # === READING === #

    @api.model
    def _values(self, partner):
        """Return what the page shows; boxes are ticked only by the person's word."""
        purposes = self.env["veloc.purpose"]._revocable()
        granted = self._granted(partner, purposes)
        account = self.env["veloc.account"]._push_account()
        return {
            "server_key": account._push_public_key(),
            "is_on": bool(self._live(partner)),
            "boxes": [
                {
                    "value": f"{purpose.code}:{purpose.current_version_id.number}",
                    "purpose": purpose,
                    "is_allowed": purpose.code in granted,
                }
                for purpose in purposes
            ],
        }

    def _granted(self, partner, purposes):
        """Return the codes of the purposes that the person's own word allows here."""
        words = self._words(partner, purposes)
        return {
            purpose.code
            for purpose in purposes
            if self._covers(purpose, words.get(purpose.code))
        }

    def _words(self, partner, purposes):
        """Return the person's newest word about push, by purpose code."""
        states = self.env["veloc.consent.state"]._gate_consents(
            partner.ids, purposes.ids
        )
        return {p.code: states.get((partner.id, p.id, "push")) for p in purposes}

    def _covers(self, purpose, word):
        covers_from = purpose.current_version_id.covers_from
        return bool(word and word.granted and word.number >= covers_from)

    def _live(self, partner):
        return self.env["veloc.push.subscription"].search(
            [("partner_id", "=", partner.id), ("state", "=", "live")]
        )

    @api.model
    def _hosts(self):
        """Return the hosts that a click on a notification may open."""
        # sudo: the broker's own public addresses.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        urls = [parameters_sudo.get_param(f"veloc_messaging.{n}", "") for n in _SITES]
        urls.append(self.env["veloc.contact.gate"]._public_url())
        return sorted({host for url in urls if (host := urlsplit(url or "").netloc)})

    # === RECORDING === #

    @api.model
    def _act(self, partner, raw, proof):
        """Do what the person asked for; return whether it made sense.

        ``proof`` holds ip, user_agent and language, to be kept with the words.
        """
        account = self.env["veloc.account"]._push_account()
        own = account._prepare_provider_config().base_url if account else ""
        wish = push_subscription.read(raw, own)
        if wish is None or (wish.action == "subscribe" and not account):
            return False
        self.env["veloc.preference.center"]._wait_turn(partner)
        if wish.action == "subscribe":
            subscriptions = self.env["veloc.push.subscription"]
            subscriptions._subscribe(partner, account, wish.keys, proof["user_agent"])
            self._record_words(partner, wish.boxes, proof)
            return True
        live = self._live(partner)
        if wish.action == "unsubscribe":
            live.filtered(lambda s: s.endpoint == wish.endpoint)._end()
        else:
            live._end()
        if not self._live(partner):
            self._revoke(partner)
        return True

    def _record_words(self, partner, boxes, proof):
        """Record what changed: new ticks as consents, empty boxes as revocations."""
        purposes = self.env["veloc.purpose"]._revocable()
        words = self._words(partner, purposes)
        items = []
        for purpose in purposes.filtered(lambda p: p.code in boxes):
            version, is_ticked = boxes[purpose.code]
            word = words[purpose.code]
            is_explicit = self._covers(purpose, word)
            # Without a word, what does not need consent is allowed: an empty box
            # that the person saw is a word against it.
            is_silent = word is None and purpose.legal_basis != "consent"
            if is_explicit != is_ticked or (is_silent and not is_ticked):
                items.append(
                    {
                        "partner_id": partner.id,
                        "purpose": purpose.code,
                        "channel": "push",
                        "granted": is_ticked,
                        "version": version,
                        "source": SOURCE,
                        **proof,
                    }
                )
        self.env["veloc.consent"].record(items)
        if any(item["granted"] for item in items):
            # Whoever ticks a box here takes back the opt-out of this channel.
            self.env["veloc.suppression"]._lift(
                partner.ids, "opt_out", source=SOURCE, channel="push"
            )

    def _revoke(self, partner):
        self.env["veloc.consent"]._revoke_channel(partner.ids, "push", SOURCE)

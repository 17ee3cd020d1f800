"""Odoo's modules that hand data of contacts to somebody else's service.

A broker that installs one has a new operator (art. 39) and often a transfer abroad
(art. 33): a decision, not a side effect of installing something else.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

# name or pattern → what it sends
OUTSIDE = {
    "crm_iap_*": "leads and companies, to Odoo S.A., to look them up",
    "iap_crm": "leads, to Odoo S.A., to look them up",
    "iap_extract": "scanned documents, to Odoo S.A.",
    "partner_autocomplete": "names and numbers of contacts, to Odoo S.A.",
    "snailmail*": "letters with addresses, to Odoo S.A. and a printer",
    "*mail_plugin": "mails and their senders, to a plug-in of Gmail or Outlook",
    "google_*": "calendars, mails or addresses, to Google",
    "microsoft_*": "calendars or mails, to Microsoft",
    "cloud_storage*": "attachments, to Google or Microsoft",
    "web_unsplash": "search words, to Unsplash",
    "social_media": "visitors, to social networks",
    "website_cf_turnstile": "visitors' addresses, to Cloudflare",
    "sms_twilio": "numbers and texts, to Twilio, past the outbox and its checks",
    "account_peppol*": "invoices, to a network of Odoo S.A.",
    "account_edi_proxy_client": "invoices, to Odoo S.A.",
    "base_geolocalize": "addresses of contacts, to a map service",
    "delivery_mondialrelay": "addresses of contacts, to Mondial Relay",
    "auth_oauth": "who signs in, to Google, Facebook or Odoo S.A.",
    "google_recaptcha": "visitors' addresses, to Google",
}


def sends_out(name: str) -> str:
    """Return what a module sends to others, "" if nothing is known of it."""
    for pattern, what in OUTSIDE.items():
        if fnmatchcase(name, pattern):
            return what
    return ""


def senders(names: Iterable[str], allowed: Iterable[str] = ()) -> dict[str, str]:
    """Return those of the modules that send data out and were not allowed."""
    fine = set(allowed)
    return {
        name: what
        for name in sorted(names)
        if name not in fine and (what := sends_out(name))
    }

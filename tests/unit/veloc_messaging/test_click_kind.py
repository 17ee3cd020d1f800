"""Machines that read mail are told from its reader."""

import ipaddress
import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import click_kind
from odoo.addons.veloc_messaging.rules.click_kind import Visit

CHROME = (
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
LANGUAGE = {"accept-language": "pt-BR,pt;q=0.9"}


def click(agent=CHROME, headers=LANGUAGE, ip="177.10.20.30", **more):
    verdict = click_kind.of_click(Visit(agent, headers, ip, **more))
    return verdict.kind, verdict.reason


def opened(agent=CHROME, ip="177.10.20.30", **more):
    verdict = click_kind.of_open(Visit(agent, {}, ip, **more))
    return verdict.kind, verdict.reason


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        IPHONE,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko Firefox/127.0",
        f"{IPHONE} [FBAN/FBIOS;FBAV/465.0]",  # the browser inside Facebook's app
        f"{CHROME} Instagram 333.0.0",
        "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/120.0 Mobile Safari/537",
    ],
)
def test_people_with_browsers_are_people(agent):
    assert click(agent) == ("human", "")


@pytest.mark.parametrize(
    ("agent", "kind", "reason"),
    [
        ("WhatsApp/2.24.11.85 A", "prefetch", "preview_whatsapp"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
         "prefetch", "preview_facebook"),
        ("Twitterbot/1.0", "prefetch", "preview_twitter"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
         "prefetch", "preview_slack"),
        ("TelegramBot (like TwitterBot)", "prefetch", "preview_twitter"),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0)", "prefetch", "preview_linkedin"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
         "prefetch", "preview_skype"),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
         "prefetch", "microsoft_office"),
        ("Mozilla/5.0 (compatible; SafeLinks)", "scanner", "microsoft_safelinks"),
        ("Proofpoint URL Defense", "scanner", "proofpoint"),
        ("BarracudaCentral link checker", "scanner", "barracuda"),
        ("Mimecast-URL-Scanner", "scanner", "mimecast"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "bot", "named_robot"),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", "bot", "named_robot"),
        ("SomeCrawler/1.0", "bot", "named_robot"),
        ("curl/8.5.0", "bot", "program"),
        ("python-requests/2.32.3", "bot", "program"),
        ("Go-http-client/2.0", "bot", "program"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0.0.0", "bot", "headless"),
        ("", "bot", "no_agent"),
    ],
)  # fmt: skip
def test_machines_that_give_their_name_are_machines(agent, kind, reason):
    assert click(agent) == (kind, reason)


@pytest.mark.parametrize("name", ["sec-purpose", "purpose", "x-purpose", "x-moz"])
def test_a_browser_that_fetches_ahead_is_not_reading(name):
    assert click(headers={**LANGUAGE, name: "prefetch;anonymous-client-ip"}) == (
        "prefetch",
        "prefetch_header",
    )


def test_a_browser_without_a_language_is_a_scanner_in_disguise():
    assert click(headers={}) == ("scanner", "no_language")


@pytest.mark.parametrize(
    ("seconds", "kind"),
    [(0.0, "scanner"), (1.9, "scanner"), (2.0, "human"), (None, "human")],
)
def test_nobody_clicks_before_the_message_is_there(seconds, kind):
    assert click(since_sent=seconds)[0] == kind


@pytest.mark.parametrize(
    ("links", "kind"), [(1, "human"), (2, "human"), (3, "scanner")]
)
def test_nobody_follows_many_links_at_once(links, kind):
    assert click(links_at_once=links)[0] == kind


@pytest.mark.parametrize(
    ("ip", "reason"),
    [
        ("40.94.20.1", "network_microsoft"),
        ("67.231.158.9", "network_proofpoint"),
        ("64.235.150.5", "network_barracuda"),
        ("2a03:2880:10ff::1", "network_facebook_crawler"),
    ],
)
def test_a_browser_in_a_scanner_s_network_is_a_scanner(ip, reason):
    assert click(ip=ip) == ("scanner", reason)


def test_an_address_that_is_none_accuses_nobody():
    assert click(ip="unknown") == ("human", "")


def test_our_own_staff_does_not_count():
    assert click(is_staff=True) == ("staff", "logged_in")
    assert opened(is_staff=True) == ("staff", "logged_in")


@pytest.mark.parametrize(
    ("agent", "kind", "reason"),
    [
        ("Mozilla/5.0", "prefetch", "apple_mpp"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 "
         "(via ggpht.com GoogleImageProxy)", "proxy", "gmail_proxy"),
        ("YahooMailProxy; https://help.yahoo.com/", "proxy", "yahoo_proxy"),
        # Outlook shows the e-mail and its images itself: that is a reader.
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "human", ""),
        (IPHONE, "human", ""),
        ("curl/8.5.0", "bot", "program"),
    ],
)  # fmt: skip
def test_opens_by_mail_services_are_told_apart(agent, kind, reason):
    assert opened(agent) == (kind, reason)


def test_an_image_loaded_at_once_or_from_a_scanner_s_network_is_no_opening():
    assert opened(since_sent=1)[0] == "scanner"
    assert opened(ip="40.94.20.1")[0] == "scanner"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (CHROME, "phone"),
        (IPHONE, "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X)", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0)", "computer"),
        ("curl/8.5.0", "program"),
        ("", "none"),
    ],
)
def test_only_the_class_of_a_device_is_kept(agent, expected):
    assert click_kind.agent_class(agent) == expected


def test_the_mark_of_a_visitor_names_nobody():
    mark = click_kind.visitor_mark(b"k", "203.0.113.77", "2026-03-11")
    neighbour = click_kind.visitor_mark(b"k", "203.0.113.9", "2026-03-11")
    assert mark == neighbour
    assert len(mark) == 12
    others = {
        click_kind.visitor_mark(b"k", "203.0.113.77", "2026-03-12"),
        click_kind.visitor_mark(b"x", "203.0.113.77", "2026-03-11"),
        click_kind.visitor_mark(b"k", "203.0.114.77", "2026-03-11"),
    }
    assert mark not in others
    assert len(others) == 3
    assert click_kind.visitor_mark(b"k", "nowhere", "2026-03-11") == ""


def test_the_table_is_sound():
    path = Path(click_kind.__file__).with_suffix(".json")
    data = json.loads(path.read_text())
    parts = [row["part"] for row in data["agents"]]
    assert len(parts) == len(set(parts))
    assert all(part == part.lower() for part in parts)
    kinds = {row["kind"] for row in data["agents"]}
    assert kinds <= {"bot", "scanner", "prefetch", "proxy"}
    assert all(ipaddress.ip_network(row["cidr"]) for row in data["networks"])

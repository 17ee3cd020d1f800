"""Which addresses become short links, and what the text around them keeps."""

import math
import random

import pytest

from odoo.addons.veloc_messaging.rules import short_link
from odoo.addons.veloc_messaging.rules.utm import with_utm


def short(url):
    return f"https://s.example/{len(url)}"


def found_in(text):
    seen = []
    short_link.replace_in_text(text, lambda url: seen.append(url))
    return seen


def test_a_code_is_out_of_reach_of_guessing_and_fits_an_sms():
    code = short_link.new_code(random.Random(1).choice)
    assert short_link.CODE.fullmatch(code)
    assert len(code) <= 11
    assert math.log2(len(short_link.ALPHABET)) * short_link.CODE_LENGTH >= 60


def test_the_worst_length_is_the_length():
    base = short_link.base_of("https://crm.veloc.example")
    link = short_link.address(base, short_link.new_code(random.Random(1).choice))
    assert short_link.worst_length(base) == len(link)


@pytest.mark.parametrize(
    ("domain", "base"),
    [
        ("", "https://crm.example/veloc/l"),
        ("https://go.example", "https://go.example/veloc/l"),
        ("https://go.example/", "https://go.example/veloc/l"),
        ("https://go.example/r", "https://go.example/r"),
        ("https://go.example/r/", "https://go.example/r"),
    ],
)
def test_a_link_domain_with_a_path_stands_for_the_whole_address(domain, base):
    assert short_link.base_of("https://crm.example/", domain) == base


@pytest.mark.parametrize(
    "text",
    [
        "http://go.example",
        "go.example",
        "https://go",
        "https://go.example/a?b",
        "https://user@go.example",
        "https://go.example/a/b/c",
        "https://go.example:8443",
        "https://127.0.0.1",
        "javascript:alert(1)",
    ],
)
def test_a_link_domain_is_an_https_address_and_little_else(text):
    assert not short_link.is_base(text)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("Veja https://x.example/a.", ["https://x.example/a"]),
        ("(https://x.example/a)", ["https://x.example/a"]),
        ("https://x.example/a_(b), sim", ["https://x.example/a_(b)"]),
        ("https://x.example/?q=1&b=2!", ["https://x.example/?q=1&b=2"]),
        ('"https://x.example/a"', ["https://x.example/a"]),
        ("HTTPS://x.example/a", ["HTTPS://x.example/a"]),
        ("a https://x.example/1 e https://x.example/2?", [
            "https://x.example/1", "https://x.example/2"]),
        ("mailto:a@x.example tel:+5511 www.x.example", []),
        ("sem link", []),
    ],
)  # fmt: skip
def test_addresses_are_found_without_the_punctuation_around_them(text, urls):
    assert found_in(text) == urls


def test_the_text_around_an_address_stays():
    text = "Deposite (https://x.example/a). SAIR para parar."
    assert (
        short_link.replace_in_text(text, short)
        == "Deposite (https://s.example/19). SAIR para parar."
    )


def test_an_address_without_a_link_stays():
    text = "Leia https://other.example/a."
    assert short_link.replace_in_text(text, lambda _url: None) == text


HTML = (
    '<p><a class="b" href="https://x.example/?a=1&amp;b=2">Ver https://x.example</a>'
    "<a href='mailto:a@x.example'>e-mail</a><a href=\"tel:+5511\">fone</a>"
    '<a href="#top">topo</a><img src="https://x.example/logo.png"/>'
    '<link href="https://x.example/style.css"/></p>'
)


def test_only_the_addresses_of_links_change_in_html():
    seen = []

    def shorten(url):
        seen.append(url)
        return "https://s.example/1?x=1&y=2"

    changed = short_link.replace_in_html(HTML, shorten)

    assert seen == ["https://x.example/?a=1&b=2"]
    assert changed == HTML.replace(
        "https://x.example/?a=1&amp;b=2", "https://s.example/1?x=1&amp;y=2"
    )


def test_html_without_followable_links_stays_byte_for_byte():
    assert short_link.replace_in_html(HTML, lambda _url: None) == HTML


def test_the_pixel_stands_inside_the_body_and_can_be_taken_out():
    body = "<html><body><p>Oi</p></BODY></html>"
    with_it = short_link.with_pixel(body, "https://x.example/veloc/o/abc")
    assert with_it.index("<img") < with_it.index("</BODY>")
    assert short_link.without_pixel(with_it) == body


def test_other_images_are_no_pixel():
    assert short_link.without_pixel('<img src="https://x/logo.gif">') == (
        '<img src="https://x/logo.gif">'
    )


def test_addresses_of_this_house_are_never_tracked():
    public, base = "https://crm.example", "https://go.example/r"
    own = ("/veloc/preferences/x", "/veloc/unsubscribe/y", "/veloc/privacy")
    assert all(short_link.is_own(f"{public}{path}", public, base) for path in own)
    assert short_link.is_own("https://go.example/r/abc", public, base)
    assert not short_link.is_own("https://crm.example/shop", public, base)
    assert not short_link.is_own("https://veloc.example/veloc/promo", public, base)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.y", "https://x.y?utm_source=veloc&utm_medium=sms"),
        ("https://x.y/?", "https://x.y/?utm_source=veloc&utm_medium=sms"),
        ("https://x.y/?a=%2f&b", "https://x.y/?a=%2f&b&utm_source=veloc&utm_medium=sms"),
        ("https://x.y/#a?b", "https://x.y/?utm_source=veloc&utm_medium=sms#a?b"),
        ("https://x.y/?UTM_Source=ad&utm_medium=",
         "https://x.y/?UTM_Source=ad&utm_medium="),
    ],
)  # fmt: skip
def test_utm_values_are_added_and_never_replaced(url, expected):
    assert with_utm(url, {"source": "veloc", "medium": "sms"}) == expected


def test_a_utm_value_cannot_smuggle_another_parameter():
    url = with_utm("https://x.y/", {"campaign": "a&admin=1 é"})
    assert url == "https://x.y/?utm_campaign=a%26admin%3D1+%C3%A9"

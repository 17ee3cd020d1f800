"""Short links lead to the broker and to nobody else."""

import pytest

from odoo.addons.veloc_messaging.rules.link_target import (
    Host,
    clean_host,
    host_of,
    is_allowed,
)

HOSTS = [Host("veloc.example"), Host("veloc.app", subdomains=True)]


@pytest.mark.parametrize(
    "url",
    [
        "https://veloc.example",
        "https://veloc.example/",
        "http://veloc.example/deposit?a=1&b=%2F#top",
        "https://VELOC.example/Deposit",
        "https://veloc.example:443/x",
        "https://veloc.app/",
        "https://eu.west.veloc.app/x",
    ],
)
def test_links_may_lead_to_hosts_on_the_list(url):
    assert is_allowed(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "veloc.example",
        "//veloc.example/x",
        "/deposit",
        "javascript:alert(1)//veloc.example",
        "data:text/html,veloc.example",
        "ftp://veloc.example/",
        "https:veloc.example",
        "https:/veloc.example",
        "https:///veloc.example",
        "https://evil.example/",
        "https://www.veloc.example/",  # subdomains only where the list says so
        "https://veloc.example.evil.example/",
        "https://evilveloc.app/",
        "https://veloc.example@evil.example/",
        "https://veloc.example:pw@evil.example/",
        "https://evil.example@veloc.example/",  # honest, but looks like theirs
        "https://veloc.example:8443/",
        "https://veloc.example:99999/",
        "https://veloc.example:x/",
        "https://veloc.example\\@evil.example/",
        "https://evil.example\\.veloc.app/",
        "https:\\\\veloc.example/",
        "https://evil.example%2f.veloc.app/",
        "https://evil.example%00.veloc.app/",
        "https://evil.example/.veloc.app",
        "https://evil.example?.veloc.app",
        "https://evil.example#.veloc.app",
        "https://veloc.example\t.evil.example/",
        "https://veloc.example\n/",
        "https://veloc.example /",
        " https://veloc.example/",
        "https://veloc.example./",
        "https://vel\u043ec.example/",  # Cyrillic o
        "https://veloc.ex\u00e4mple/",
        "https://veloc\u3002example/",  # an ideographic full stop, a dot to browsers
        "https://\uff56eloc.example/",  # a full-width v, folded by browsers
        "https://xn--velc-0qa.example/",
        "https://2130706433/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://veloc.example/" + "a" * 2048,
        "https://veloc.example/<script>",
    ],
)
def test_nothing_else_gets_a_link(url):
    assert not is_allowed(url, HOSTS)


def test_an_international_name_is_allowed_in_the_spelling_of_the_list_only():
    hosts = [Host("xn--aes-8ma.example")]
    assert is_allowed("https://xn--aes-8ma.example/x", hosts)
    assert not is_allowed("https://a\u00e7\u00f5es.example/x", hosts)


@pytest.mark.parametrize(
    "name", ["", "localhost", "a b.c", "-a.example", "a..b", "a/b.c"]
)
def test_what_is_no_host_name_cannot_be_listed(name):
    assert clean_host(name) is None


def test_the_host_of_an_address_is_read_in_small_letters():
    assert host_of("https://WWW.Veloc.Example/A") == "www.veloc.example"

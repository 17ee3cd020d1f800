"""The script on the broker's pages: small, alone, and fit for a strict policy."""

import gzip
import re
from pathlib import Path

SCRIPT = (
    Path(__file__).parents[3] / "addons/veloc_crm/static/capture/veloc-capture.js"
).read_text()
CODE = re.sub(r"/\*.*?\*/", "", SCRIPT, flags=re.DOTALL)


def test_it_is_smaller_than_ten_kilobytes_as_it_travels():
    assert len(gzip.compress(SCRIPT.encode(), 6)) < 10_000


def test_it_needs_nobody_else():
    assert not re.search(r"\bimport\b|\brequire\(|importScripts", SCRIPT)
    assert not re.findall(r"https?://", CODE)


def test_it_does_nothing_that_a_strict_policy_forbids():
    forbidden = r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML"
    forbidden += r"|document\.write|setAttribute\(.style|<style|\.cssText|on\w+=\""
    assert not re.findall(forbidden, CODE)


def test_it_sets_no_cookie_and_never_catches_the_back_button():
    assert not re.findall(r"cookie\s*=|pushState|replaceState|onbeforeunload", CODE)

"""What the reports look like, kept as files that a reviewer can read, and what an HTML page may do."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from judges import tags
from plans import BLOCKING, ENVELOPE, NOTE, PLAN, REPORT
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from reconciler.reporting import render_drift, render_findings, render_plan, render_report


class Page(SingleFileSnapshotExtension):
    """One file for each report, with the ending of its kind."""

    _write_mode = WriteMode.TEXT


class TextPage(Page):
    """Terminal text."""

    file_extension = "txt"


class MarkdownPage(Page):
    """A comment on GitHub."""

    file_extension = "md"


class HtmlPage(Page):
    """A page for a browser."""

    file_extension = "html"


PAGES = {
    "plan": render_plan(PLAN, ENVELOPE, "html"),
    "drift": render_drift(PLAN, "html"),
    "report": render_report(REPORT, "html"),
    "findings": render_findings([BLOCKING, NOTE], "html"),
}
_WORDS = re.compile(r"[\w/-]{3,}")
page = pytest.mark.parametrize("name", PAGES)


def test_plan_as_text(snapshot: SnapshotAssertion) -> None:
    assert render_plan(PLAN, ENVELOPE) == snapshot(extension_class=TextPage)


def test_plan_as_markdown(snapshot: SnapshotAssertion) -> None:
    assert render_plan(PLAN, ENVELOPE, "markdown") == snapshot(extension_class=MarkdownPage)


def test_plan_as_html(snapshot: SnapshotAssertion) -> None:
    assert PAGES["plan"] == snapshot(extension_class=HtmlPage)


def test_drift_as_text(snapshot: SnapshotAssertion) -> None:
    assert render_drift(PLAN) == snapshot(extension_class=TextPage)


def test_report_as_text(snapshot: SnapshotAssertion) -> None:
    assert render_report(REPORT) == snapshot(extension_class=TextPage)


@page
def test_pages_load_nothing(name: str) -> None:
    """No script, no picture, no frame, and every link stays on the page."""
    found = tags(PAGES[name])
    links = [part for tag in found for part in tag[1:] if part.startswith(("href=", "src=", "action=", "on"))]

    assert not {tag[0] for tag in found} & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    assert all(link.startswith("href=#tenant-") for link in links)


@page
def test_policy_allows_just_our_style(name: str) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", PAGES[name], re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"default-src 'none'; style-src 'sha256-{digest}'" in PAGES[name]


def test_pages_say_what_text_says() -> None:
    """Every word of a change, a finding and a place in the text stands on the page too."""
    shown = set(_WORDS.findall(re.sub(r"<[^>]*>", " ", PAGES["plan"])))

    assert not set(_WORDS.findall(render_plan(PLAN, ENVELOPE))) - shown

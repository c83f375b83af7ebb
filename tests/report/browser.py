"""A headless Chromium to open reports in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")

OF_TESTS = "Canvas2D: Multiple readback operations"
"""What the browser says when a test, not the page, reads a picture several times."""

READY = "#replay-stage[data-ready]"


def chromium() -> str:
    """Return the path of the browser; CROWDSIM_CHROMIUM names another one."""
    found = [os.environ.get("CROWDSIM_CHROMIUM"), *map(shutil.which, NAMES)]
    path = next((path for path in found if path), None)
    assert path, f"these tests need Chromium: one of {', '.join(NAMES)}, or its path in CROWDSIM_CHROMIUM"
    return path


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser; drawing is in software, as everywhere without a screen."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - of the dependency group `browser`

    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # root cannot have one
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Any, path: Path, *, width: int = 1280, height: int = 900) -> tuple[Any, list[str]]:
    """Open a page offline, and wait for its replay; also return the list that its errors and warnings go to."""
    page = browser.new_context(viewport={"width": width, "height": height}, offline=True).new_page()
    said: list[str] = []
    page.on("console", lambda message: None if message.text.startswith(OF_TESTS) else said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else said.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(READY)
    return page, said

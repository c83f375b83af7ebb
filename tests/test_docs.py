"""The tutorial's commands and programs run as they stand."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml

from crowdsim.cli import app

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / page).read_text())


def test_the_tutorial_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, text in blocks("docs/your_own_venue.md"):
        if language == "bash":
            for line in text.strip().splitlines():
                monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
                with pytest.raises(SystemExit) as stop:
                    app.main()
                assert stop.value.code == 0, line
        elif language == "python":
            exec(compile(text, "docs/your_own_venue.md", "exec"), names)
        else:
            assert yaml.safe_load(text)
    assert (tmp_path / "egress.png").exists()
    assert (tmp_path / "narrow" / "summary.json").exists()


def test_links_in_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"

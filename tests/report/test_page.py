"""The report says what the run folder says, and says loudly what a reader must know."""

import hashlib
import html
import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from measure.runs import Person, write_run

from crowdsim.assess import assess
from crowdsim.errors import RunFolderError, ScenarioError
from crowdsim.measure import measure, summarise
from crowdsim.record.layout import CONFIG, INTERRUPTED, SUMMARY, TRAJECTORIES, VENUE
from crowdsim.report.page import write_report
from crowdsim.report.page.pictures import address as addressed
from crowdsim.report.page.verdict import criterion_rows, verdict_sentence
from crowdsim.report.plots import write_plots
from crowdsim.report.words import clock, duration, number, place, size, with_unit
from report.replays import RUDE, walkers
from report.venues import room


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text that is not script or style."""

    VOID = ("meta", "img", "input", "path", "circle", "link", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts, self.scripts = [], [], [], {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "script":
            id = self.open[-1][1].get("id")
            self.scripts[id] = self.scripts.get(id, "") + data
        elif self.open and self.open[-1][0] != "style":
            self.texts.append(data)

    @property
    def said(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(folder, **kwargs):
    written = write_report(folder, **kwargs)
    text = written.path.read_text(encoding="utf-8")
    assert written.size == len(text.encode())
    return Page(text)


@pytest.fixture(scope="module")
def hall_page(hall_run, tmp_path_factory):
    return page_of(hall_run.folder, out=tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture
def copied(hall_run, tmp_path):
    return shutil.copytree(hall_run.folder, tmp_path / "run")


def test_the_page_says_verdict_figures_and_criteria_of_the_summary(hall_run, hall_page):
    summary = hall_run.summary
    said = hall_page.said
    assert {"pass": "Pass", "fail": "Fail", "undecided": "Undecided"}[summary["verdict"]] in said
    assert f"{summary['attendees']['planned']}" in said
    assert clock(summary["egress_time_s"]) in said
    for criterion in summary["criteria"]:
        assert criterion["text"] in said
        assert criterion["source"] in said
        assert with_unit(criterion["limit"], criterion["unit"]) in said
    for name in summary["flows"]:
        assert name in said
    assert summary["config_sha256"] in said
    assert summary["crowdsim_version"] in said


def test_the_page_has_the_hashes_of_the_files(hall_run, hall_page):
    for name in (CONFIG, VENUE, SUMMARY, TRAJECTORIES):
        assert hashlib.sha256((hall_run.folder / name).read_bytes()).hexdigest() in hall_page.said


def test_every_hand_calculation_is_beside_its_figure_with_the_reason(hall_run, hall_page):
    entries = hall_run.summary["by_hand"]
    assert entries
    for entry in entries:
        assert entry["text"] in hall_page.said
        assert entry["explanation"] in hall_page.said
        assert entry["rates"] in hall_page.said
    assert "Hand calculation." in hall_page.said


def test_the_page_says_for_each_criterion_whether_it_is_extrapolated(hall_run, hall_page):
    judgements = {one["validity"] for one in hall_run.summary["criteria"]}
    assert "extrapolated" in judgements or "within" in judgements
    for one in hall_run.summary["criteria"]:
        if one["validity"]:
            assert one["validity_reason"] in hall_page.said


def test_the_page_names_the_rules_the_inputs_and_the_machine(hall_run, hall_page):
    for one in hall_run.summary["rule_editions"]:
        for text in (one["title"], one["edition"], one["sha256"] or "", *one["changed"]):
            assert text in hall_page.said
    for name, digest in hall_run.summary["inputs"]["files"].items():
        assert name in hall_page.said
        assert digest in hall_page.said
    assert f"processor {hall_run.summary['performance']['platform']['processor']}" in hall_page.said


def test_quicker_than_by_hand_is_warned_of_on_the_first_page(copied):
    path = copied / SUMMARY
    summary = json.loads(path.read_text())
    first = summary["by_hand"][0]
    first |= {"simulated": 10.0, "by_hand": 20.0, "ratio": 0.5, "verdict": "quicker than by hand: look at it"}
    path.write_text(json.dumps(summary))
    said = page_of(copied).said
    assert "Quicker than by hand: everyone: last out 10 s, by hand 20 s (Green Guide, 6th ed., 2018)" in said


def test_the_whole_configuration_is_there(hall_run, hall_page):
    text = " ".join((hall_run.folder / CONFIG).read_text().split())
    assert text in hall_page.said


def test_the_page_needs_nothing_from_anywhere(hall_page):
    for tag, attributes in hall_page.elements:
        for key in ("src", "href", "data", "srcset", "action"):
            assert (attributes.get(key) or "#").startswith(("#", "data:")), (tag, attributes)
        assert tag not in ("link", "iframe", "object", "embed", "base")
    (policy,) = [m["content"] for m in hall_page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    script = hall_page.scripts[None]
    assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(|https?://|WebSocket|\beval\(", script)


def test_everything_that_is_seen_has_words(hall_page):
    assert all(image["alt"] for image in hall_page.all("img"))
    ids = [attributes["id"] for _, attributes in hall_page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in hall_page.all("a")} <= set(ids)
    labelled = {"replay-time", "replay-play", "replay-speed", "replay-colour", "replay-heat", "replay-level"}
    assert labelled <= set(ids)
    assert hall_page.all("html")[0]["lang"] == "en"
    assert {"main", "nav", "footer"} <= {tag for tag, _ in hall_page.elements}


def test_names_come_out_as_text(tmp_path):
    recording, _ = walkers(tmp_path / "rude")
    page = page_of(recording.folder)
    assert " ".join(RUDE.split()) in page.said
    assert "Six walk, two <stay>." in page.said
    assert not [script for script in page.scripts.values() if "alert" in script]
    markdown = write_report(recording.folder, format="md").path.read_text()
    assert html.unescape(RUDE) in markdown


def test_the_replay_in_the_page_is_whole(hall_run, hall_page):
    head = json.loads(hall_page.scripts["replay-head"])
    assert head["end_s"] == hall_run.recording.simulated_s
    chunks = -(-head["frames"] // head["chunk_frames"])
    blocks = {a["id"]: a for a in hall_page.all("script") if "data-columns" in a}
    assert set(blocks) == {f"replay-data-{k}" for k in ("people", "events", "cover", *range(chunks))}
    people = {name: length for name, _, length in json.loads(blocks["replay-data-people"]["data-columns"])}
    assert people["entry_s"] == 150


def test_a_partial_run_is_said_loudly(tmp_path):
    recording, _ = walkers(tmp_path, status=INTERRUPTED)
    said = page_of(recording.folder).said
    assert "PARTIAL RUN: the simulation was interrupted at 4:00." in said
    assert "> PARTIAL RUN" in write_report(recording.folder, format="md").path.read_text()


def test_missing_figures_and_pictures_are_made_anew_and_that_is_said(copied, hall_run):
    (copied / SUMMARY).unlink()
    shutil.rmtree(copied / "plots")
    page = page_of(copied)
    assert "Made anew from the recording for this report: the figures (summary.json is missing) and the" in page.said
    assert len([i for i in page.all("img") if i["src"].startswith("data:image/png;base64,iVBOR")]) >= 5
    assert clock(hall_run.summary["egress_time_s"]) in page.said


def test_altered_inputs_are_said_loudly(copied):
    assert "ALTERED" not in page_of(copied).said
    path = copied / CONFIG
    path.write_text(path.read_text().replace("seed: 1", "seed: 2"))
    assert "ALTERED: configuration or venue" in page_of(copied).said


def test_findings_sets_and_changes_are_shown_when_there_are_some(copied):
    path = copied / SUMMARY
    summary = json.loads(path.read_text())
    summary["findings"] = [{"text": "Crowded at the <door>"}, "A second one"]
    summary["criteria"][0] |= {"set": "green_guide", "section": "10.4", "changed": [{"text": "limit 480 to 300 s"}]}
    path.write_text(json.dumps(summary))
    said = page_of(copied).said
    assert "Findings Crowded at the <door> A second one" in said
    assert "set green_guide" in said
    assert "Changed: limit 480 to 300 s" in said
    assert "1. Crowded at the <door>" in write_report(copied, format="md").path.read_text()


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A run of 60 people in a crowd of some 5 /m2 who leave by an exit, judged by limits they break, or leave open."""
    made_up = {"source": "made up", "level_of_evidence": "assumption"}
    criteria = {
        "dense": {"quantity": "density", "limit_per_m2": 2.0, **made_up},
        "late": {"quantity": "egress_time", "limit_s": 30.0, **made_up},
        "unnamed": {"quantity": "clearing_time", "limit_s": 30.0, **made_up},
    }
    people = [
        Person(((0.0, 3 + 0.45 * (k % 8), 4 + 0.45 * (k // 8)), (20.0 + k, 3 + 0.45 * (k % 8), 4 + 0.45 * (k // 8)),
                (30.0 + k, 10.0, 5.0)), exit="out") for k in range(60)
    ]  # fmt: skip
    recording = write_run(tmp_path_factory.mktemp("failing"), room(criteria=criteria), people, until_s=100.0)
    (recording.folder / SUMMARY).unlink(missing_ok=True)
    measures = measure(recording)
    assessed = assess(measures, recording)
    summary = summarise(recording, measures, {}) | assessed.summary
    (recording.folder / SUMMARY).write_text(json.dumps(summary))
    (recording.folder / "plots").mkdir()
    write_plots(recording, measures, recording.folder / "plots", assessed.findings)
    return recording.folder, summary


def test_each_finding_has_a_card_with_its_facts_a_map_and_a_time_series(failing, tmp_path):
    folder, summary = failing
    page = page_of(folder, out=tmp_path / "page.html")
    assert [one["criterion"] for one in summary["findings"]] == ["late", "dense", "unnamed"]
    for one in summary["findings"]:
        assert one["title"] in page.said
        assert one["cause"]["text"] in page.said
        assert one["varied"]["text"] in page.said
    for term in ("Where", "When", "How bad", "How long", "How many people", "Likely cause", "Varied"):
        assert page.said.count(f" {term} ") >= 3
    assert page.said.count("Undecided") >= 1
    pictures = {image["alt"]: image["src"] for image in page.all("img")}
    drawn = [name for one in summary["findings"] for name in one["pictures"].values()]
    assert drawn == ["finding_1_map", "finding_1_series", "finding_2_map", "finding_2_series"]
    for name in drawn:
        png = (folder / "plots" / f"{name}.png").read_bytes()
        held = [alt for alt, address in pictures.items() if address == addressed(png)]
        assert len(held) == 1, name
        assert len(held[0]) > 40
    assert summary["findings"][0]["people"] == 59  # the first one leaves just in time
    assert "59 people were still inside" in page.said


def test_markdown_links_the_pictures_of_findings(failing, tmp_path):
    folder, summary = failing
    text = write_report(folder, tmp_path / "deep.md", "md").path.read_text()
    assert "1. **Fails.** Last attendee out within 30 s" in text
    assert "3. **Undecided.**" in text
    for one in summary["findings"]:
        for name in one["pictures"].values():
            (link,) = re.findall(rf"!\[.*?\]\(([^)]*{name}\.png)\)", text)
            assert (tmp_path / link).is_file()


def test_pictures_of_findings_that_are_missing_are_drawn_anew(failing, tmp_path):
    folder = shutil.copytree(failing[0], tmp_path / "copy")
    before = (folder / "plots" / "finding_2_map.png").read_bytes()
    (folder / "plots" / "finding_2_map.png").unlink()
    page = page_of(folder)
    assert "Made anew from the recording for this report: the pictures" in page.said
    assert addressed(before) in {image["src"] for image in page.all("img")}


def test_densities_beyond_the_calibration_are_flagged(copied):
    path = copied / SUMMARY
    summary = json.loads(path.read_text())
    for density, flagged in ((4.9, False), (5.1, True)):
        summary["density"]["max_per_m2"] = density
        path.write_text(json.dumps(summary))
        assert ("Extrapolated: densities reached" in page_of(copied).said) == flagged


def test_markdown_says_the_same_figures(hall_run, tmp_path):
    text = write_report(hall_run.folder, tmp_path / "deep.md", "md").path.read_text()
    assert f"**Verdict: {hall_run.summary['verdict'].upper()}.**" in text
    for criterion in hall_run.summary["criteria"]:
        assert criterion["text"] in text
    for link in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert (tmp_path / link).is_file()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 30
    lengths = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    assert min(lengths) >= 3


def test_nobody_came(tmp_path):
    recording = write_run(tmp_path, room(), [], until_s=10.0)
    said = page_of(recording.folder).said
    assert "Undecided" in said
    assert "3 of 3 criteria could not be decided; none is known to be broken." in said


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / SUMMARY).write_text("{"), "summary.json: cannot be read"),
        (lambda f: (f / SUMMARY).write_text("[]"), "summary.json: not a run's summary"),
        (lambda f: (f / SUMMARY).write_text('{"verdict": "pass"}'), "scenario, status, seed, movement, attendees"),
        (lambda f: (f / TRAJECTORIES).unlink(), "trajectories.parquet is missing"),
        (lambda f: (f / TRAJECTORIES).write_bytes(b"PAR1"), "cannot be read"),
    ],
)
def test_broken_folders_are_told_and_nothing_is_written(copied, spoil, message):
    spoil(copied)
    with pytest.raises(RunFolderError, match=re.escape(message)):
        write_report(copied)
    assert not [path.name for path in copied.iterdir() if "report" in path.name]


def test_a_damaged_stretch_leaves_no_half_page(copied):
    path = copied / TRAJECTORIES
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 4 : len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 4)
    path.write_bytes(whole)
    with pytest.raises(RunFolderError, match=r"trajectories\.parquet: cannot be read"):
        write_report(copied)
    assert not [path.name for path in copied.iterdir() if "report" in path.name]


def test_a_spoilt_configuration_is_told(copied):
    (copied / CONFIG).write_text("resolved: true\nscenario: x\n")
    with pytest.raises(ScenarioError, match=r"config\.yaml"):
        write_report(copied)


def test_a_file_that_cannot_be_written_is_told(copied):
    with pytest.raises(RunFolderError, match=r"page\.html: cannot be written .*name another file with --out"):
        write_report(copied, copied / "missing" / "page.html")


def rows(*passed):
    entry = {"id": "c", "text": "t", "value": None, "limit": 1.0, "unit": "s"}
    return criterion_rows({"criteria": [entry | {"passed": p} for p in passed]})


@pytest.mark.parametrize(
    ("passed", "sentence"),
    [
        ((), "No criteria were asked for, so nothing was decided."),
        ((True,), "The only criterion is met."),
        ((True, True), "All 2 criteria are met."),
        ((True, False), "1 of 2 criteria is not met."),
        ((None, False, False), "2 of 3 criteria are not met."),
        ((None, True), "1 of 2 criteria could not be decided; none is known to be broken."),
    ],
)
def test_the_verdict_in_a_sentence(passed, sentence):
    assert verdict_sentence(rows(*passed)) == sentence


def test_failed_criteria_come_first():
    assert [row.status for row in rows(True, None, False)] == ["fail", "undecided", "pass"]


def test_numbers_and_times_in_words():
    assert [number(v) for v in (None, 0, 12345, 0.12345, 1234.5, 2.0)] == ["–", "0", "12,345", "0.123", "1,234", "2"]
    assert [clock(v) for v in (None, 0, 59.6, 3600)] == ["–", "0:00", "1:00", "1:00:00"]
    assert [duration(v) for v in (None, 5, 65, 7260)] == ["–", "5 s", "1 min 5 s", "2 h 1 min"]
    assert [with_unit(v, "s") for v in (None, 90.0, 150.0)] == ["–", "90 s", "150 s (2:30)"]
    assert with_unit(150.0, "1/(m s)") == "150 1/(m s)"
    assert [size(v) for v in (900, 2_500_000)] == ["0.9 kB", "2.5 MB"]
    assert place(None, ("",)) == ""
    at = {"time_s": 61.0, "level": 1, "x": 2.0, "y": 3.0}
    assert place(at, ("ground", "upper")) == "at (2.0, 3.0) m, level upper, after 1:01"


def test_what_is_not_known_is_not_said_to_have_been_kept(failing, tmp_path):
    page = page_of(failing[0], out=tmp_path / "page.html")
    undecided = page.said.split("Area empty within 30 s after 0 s Undecided")[1].split("The worst first")[0]
    assert "not beyond" not in undecided
    assert "nobody" not in undecided
    assert "no zone or measurement area is named" in undecided

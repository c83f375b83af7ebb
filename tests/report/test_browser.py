"""The report in a browser: it opens offline, plays, scrubs, tells stories, and prints."""

import math
import re

import numpy as np
import pytest
from levels import RUN_M, two_halls, way

from crowdsim.kernels.maps import spread_people
from crowdsim.measure.grid import DensityGrid
from crowdsim.report.page import write_report
from crowdsim.simulate import run
from report.browser import launched, opened
from report.replays import UNTIL_S, walkers

pytestmark = pytest.mark.browser

UNIT_M = 0.1


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    recording, people = walkers(tmp_path_factory.mktemp("browser") / "walk")
    return write_report(recording.folder).path, people, recording


@pytest.fixture
def page(chromium, walked):
    page, said = opened(chromium, walked[0])
    yield page
    assert said == []  # no error, no warning, nothing asked for from anywhere
    page.context.close()


def shown(page):
    """Return who is drawn where, from what the picture is made of."""
    rows = page.evaluate(
        "() => { const n = crowdsimReplay.tracks.now;"
        " return Array.from({length: n.n}, (_, i) => [n.person[i], n.x[i], n.y[i], n.speed[i]]); }"
    )
    return {person: (x, y, speed) for person, x, y, speed in rows}


def seek(page, time_s):
    page.evaluate("t => crowdsimReplay.seek(t)", time_s)


def time_of(page):
    return page.evaluate("() => crowdsimReplay.time")


def pixels(page):
    """Return a digest of the picture of the people, and how many pixels of it are coloured."""
    return page.evaluate(
        """() => { const c = document.getElementById("replay-people");
        const words = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
        let digest = 0, coloured = 0;
        words.forEach((word, k) => { if (word) { coloured++; digest = (digest * 31 + k + word) | 0; } });
        return [digest, coloured]; }"""
    )


@pytest.mark.parametrize("time_s", [0.0, 10.0, 31.5, 47.3, 60.2, 60.4, 64.25, 120.0, 163.4, UNTIL_S])
def test_scrubbing_shows_the_positions_of_that_time(page, walked, time_s):
    _, people, recording = walked
    seek(page, time_s)
    interval = recording.sample_interval_s
    first = math.floor(time_s / interval) * interval
    # Whoever comes in between two frames is seen from the second one on; whoever leaves, until the moment of it.
    expected = {k: p for k, p in enumerate(people) if p.entry_s <= first and time_s < p.exit_s}
    got = shown(page)
    assert got.keys() == expected.keys()
    for k, person in expected.items():
        # In its last frame somebody is drawn where the frame has them.
        held = first + interval >= person.exit_s
        assert got[k][:2] == pytest.approx(person.at(first if held else time_s), abs=UNIT_M)


def test_speeds_are_those_of_the_walkers(page, walked):
    seek(page, 50.0)
    for k, (_, _, speed) in shown(page).items():
        # Two frames are a second: rounded positions at both ends make an error of a unit at most.
        assert speed == pytest.approx(walked[1][k].speed(50.0), abs=UNIT_M)


def test_densities_are_those_of_the_measure(page, walked):
    """Two stand 0.25 m apart, one beside the wall walks: everywhere it is what the measure's own kernel says."""
    seek(page, 40.0)
    page.check("#replay-heat")
    got = page.evaluate("() => { crowdsimReplay.refresh(); return Array.from(crowdsimReplay.density.value); }")
    recording = walked[2]
    settings = recording.scenario.config.measure
    grid = DensityGrid(recording.venue.walkable, settings.cell_m, settings.smoothing_m)
    (frame,) = recording.frames(between=(40.0, 40.0))
    sums, touched = np.zeros((grid.cover.size, 1)), np.empty(grid.cover.size, np.int64)
    one = np.ones((frame.id.size, 1))
    spread_people(frame.x, frame.y, one, grid.origin, grid.cell_m, grid.sd_m, grid.shape[1], sums, touched)
    expected = np.where(grid.walkable.ravel(), sums[:, 0] / grid.cover.ravel(), 0.0)
    assert expected.max() > 1.0
    # Positions are rounded by up to 0.05 m along each axis, and the Gaussian of one person, 0.64 /m2 at the most, is
    # steepest with 0.77 /m3; shares of the ground are in steps of half a per cent, of 0.09 at the least in a corner.
    assert np.array(got) == pytest.approx(expected, abs=2 * 0.77 * 0.05 * np.sqrt(2), rel=0.03)


def test_playing_moves_the_picture_and_the_clock(page):
    seek(page, 30.0)
    before = pixels(page)
    assert before[1] > 20
    page.select_option("#replay-speed", "5")
    page.click("#replay-play")
    page.wait_for_timeout(400)
    assert page.inner_text("#replay-play") == "Pause"
    page.click("#replay-play")
    assert page.inner_text("#replay-play") == "Play"
    assert 30.2 < time_of(page) < 60.0
    assert pixels(page) != before
    stopped = time_of(page), pixels(page)
    page.wait_for_timeout(200)
    assert (time_of(page), pixels(page)) == stopped


def test_pausing_for_a_moment_does_not_play_twice(page):
    """A tick asked for before a short pause must not go on beside the one asked for after it."""
    page.evaluate(
        """() => { const player = crowdsimReplay, tick = player.tick.bind(player); window.ticks = [];
        player.tick = (now) => { window.ticks.push(now); tick(now); };
        player.toggle(); player.toggle(); player.toggle(); }"""
    )
    page.wait_for_timeout(300)
    page.click("#replay-play")
    ticks = page.evaluate("() => window.ticks")
    assert len(ticks) > 2
    assert len(set(ticks)) == len(ticks)  # one a picture


def test_playing_ends_at_the_end_and_begins_again(page):
    seek(page, UNTIL_S - 0.5)
    page.click("#replay-play")
    page.wait_for_selector("#replay-play:text('Play')")
    assert time_of(page) == UNTIL_S
    page.click("#replay-play")
    page.wait_for_timeout(150)
    page.click("#replay-play")
    assert time_of(page) < UNTIL_S / 2


def test_a_click_tells_the_story(page, walked):
    seek(page, 45.0)
    place = page.evaluate(
        "() => { const r = crowdsimReplay, n = r.tracks.now, i = r.indexOf(n, 1);"
        " return r.view.pixel(n.x[i], n.y[i]).map((v) => v / r.dots); }"
    )
    page.locator("#replay-stage").click(position={"x": place[0], "y": place[1]})
    story = page.inner_text("#replay-story")
    assert story.startswith("Attendee 1")
    x, y = walked[1][1].at(45.0)
    assert f"at ({x:.1f}, {y:.1f}) m" in story
    assert "0:00:20 came in at start" in story
    exit_s = walked[1][1].exit_s
    assert re.search(rf"0:01:{exit_s - 60:02.0f} went out by out", story)
    assert "later" in page.locator("#replay-story li:last-child").get_attribute("class")
    page.click("#replay-play")  # buttons stay while time goes on
    page.wait_for_timeout(250)
    page.click("#replay-play")
    page.click("#replay-story li:last-child button")  # to the time of the event
    assert time_of(page) == pytest.approx(exit_s)
    page.locator("#replay-stage").click(position={"x": 3, "y": 3})
    assert page.is_hidden("#replay-story")


def test_the_keyboard_does_it_all(page):
    page.focus("#replay-stage")
    seek(page, 20.0)
    page.keyboard.press(".")
    assert time_of(page) == 20.5
    page.keyboard.press(",")
    page.keyboard.press(",")
    assert time_of(page) == 19.5
    whole = page.evaluate("() => crowdsimReplay.view.scale")
    page.keyboard.press("+")
    assert page.evaluate("() => crowdsimReplay.view.scale") == pytest.approx(1.4 * whole)
    x = page.evaluate("() => crowdsimReplay.view.x")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => crowdsimReplay.view.x") > x
    page.keyboard.press("0")
    assert page.evaluate("() => crowdsimReplay.view.scale") == pytest.approx(whole)
    page.keyboard.press("End")
    assert time_of(page) == UNTIL_S
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    page.wait_for_timeout(150)
    page.keyboard.press("Space")
    assert 0 < time_of(page) < UNTIL_S
    page.fill("#replay-attendee", "6")
    page.keyboard.press("Enter")
    assert page.inner_text("#replay-story h3") == "Attendee 6"
    page.focus("#replay-time")
    before = time_of(page)
    page.keyboard.press("ArrowRight")
    assert time_of(page) > before


def test_zooming_keeps_what_is_under_the_pointer(page):
    box = page.locator("#replay-stage").bounding_box()
    page.locator("#replay-stage").scroll_into_view_if_needed()
    there = "() => crowdsimReplay.view.place(200 * crowdsimReplay.dots, 150 * crowdsimReplay.dots)"
    before = page.evaluate(there)
    box = page.locator("#replay-stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    assert page.evaluate("() => crowdsimReplay.view.scale / crowdsimReplay.view.whole") > 1.5
    assert page.evaluate(there) == pytest.approx(before, abs=0.05)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 150, steps=4)
    page.mouse.up()
    assert page.evaluate(there)[0] < before[0]


def test_levels_are_chosen_and_filled_with(chromium, tmp_path):
    scene = two_halls(way("stair", "stair", (12, 5), (12 + RUN_M, 5)), count=5, output={"plots": False})
    recording = run(scene, tmp_path / "run").recording
    page, said = opened(chromium, write_report(recording.folder).path)
    names = page.locator("#replay-level option").all_inner_texts()
    assert names == ["all", "ground, +0 m", "upper, +4 m"]
    for k, sheet in enumerate(recording.venue.sheets):
        page.select_option("#replay-level", label=names[k + 1])
        x, y = page.evaluate("() => [crowdsimReplay.view.x, crowdsimReplay.view.y]")
        min_x, min_y, max_x, max_y = sheet.area.bounds
        assert (x, y) == pytest.approx(((min_x + max_x) / 2, (min_y + max_y) / 2), abs=0.01)
    assert said == []
    page.context.close()


@pytest.mark.parametrize("colouring", ["speed", "density", "service", "group"])
def test_every_colouring_has_a_key(page, colouring):
    seek(page, 45.0)
    page.select_option("#replay-colour", colouring)
    colours = page.evaluate(f"() => crowdsimReplay.ways.{colouring}.colours.length")
    assert page.locator("#replay-key span").count() == colours
    assert pixels(page)[1] > 20


def test_narrow_windows_do_not_scroll_sideways(chromium, walked):
    page, said = opened(chromium, walked[0], width=360, height=740)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert said == []
    page.context.close()


def test_the_verdict_is_on_the_first_printed_page(page, tmp_path):
    """What is above the first page break of A4 paper holds the verdict, and the controls are not printed."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 less its margins, at 96 pixels an inch
    assert page.is_hidden("#replay")
    assert page.is_hidden("nav")
    box = page.locator("#verdict .verdict").bounding_box()
    assert box["y"] + box["height"] < 1000
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_texts_stand_out_from_what_is_behind_them(page):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 at least, of every text that is shown."""
    seek(page, 45.0)
    page.fill("#replay-attendee", "1")
    page.keyboard.press("Enter")
    weak = page.evaluate(
        """() => {
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const linear = (v) => (v <= 0.04045 * 255 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
        const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        const behind = (element) => {
          for (let e = element; e; e = e.parentElement) {
            const colour = parse(getComputedStyle(e).backgroundColor);
            if ((colour[3] ?? 1) > 0.9) return colour;
          }
          return [255, 255, 255];
        };
        const found = [];
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const element = texts.currentNode.parentElement;
          const text = texts.currentNode.data.trim();
          if (!text || !element.checkVisibility() || element.closest("script, style, svg")) continue;
          const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((p, q) => q - p);
          if ((a + 0.05) / (b + 0.05) < 4.5) found.push([text, (a + 0.05) / (b + 0.05)]);
        }
        return found; }"""
    )
    assert weak == []

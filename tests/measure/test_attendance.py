"""How many were there when an event began and ended: from a run's events alone."""

import pytest
from scenes import area, line, rectangle, scenario

from crowdsim import run

NO_TIME = {"distribution": "constant", "value_s": 0.0}


@pytest.mark.parametrize(("duration_s", "at_end"), [(300.0, 12), (45.0, None)])
def test_attendance_is_counted_from_the_events(tmp_path, duration_s, at_end):
    made = [
        area("hall", "walkable", rectangle(0, 0, 30, 10)),
        area("floor", "zone", rectangle(10, 0, 20, 10)),
        line("in", "entrance", (0, 2), (0, 8)),
        line("out", "exit", (30, 2), (30, 8)),
    ]
    group = {
        "start": "in",
        "count": 15,
        "arrival": {"kind": "constant", "rate_per_min": 12.0},
        "itinerary": [{"event": "talk"}, {"exit": "out"}],
    }
    programme = {"talk": {"zone": "floor", "from_s": 30.0, "until_s": 68.0}}
    result = run(scenario(made, {"all": group}, programme=programme, duration_s=duration_s), tmp_path / "run")
    found = result.summary["programme"]["talk"]
    events = result.recording.events().to_pandas()
    arrived = events[(events.event == "arrived") & (events.place == "floor")].time
    assert found["at_start"] == (arrived <= 30.0).sum() > 0
    assert found["at_end"] == ((arrived < 68.0).sum() if at_end else None)
    assert found["at_end"] is None or abs(found["at_end"] - at_end) <= 1
    assert found["most"] == (arrived < min(68.0, duration_s)).sum()

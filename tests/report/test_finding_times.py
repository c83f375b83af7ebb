"""When a finding says that it was worst."""

import pytest

from crowdsim.report.page.findings import _when

PLACE = {"what": "the ground of most exposure"}
TOO_MUCH = {"from_s": 126.0, "to_s": 564.0, "spells": 1}


@pytest.mark.parametrize(
    ("place", "when", "worst_s", "words"),
    [
        (PLACE, TOO_MUCH, (200.0, 200.0), "beyond the limit from 2:06 to 9:24; worst at 3:20"),
        (PLACE, TOO_MUCH, (118.0, 118.0), "beyond the limit from 2:06 to 9:24; most of it added at 1:58"),
        (PLACE, None, (118.0, 178.0), "closest to the limit at 1:58 to 2:58"),
        (None, TOO_MUCH, (300.0, 300.0), "beyond the limit from 2:06 to 9:24; map of 5:00"),
    ],
)
def test_the_time_of_the_map_is_called_what_it_is(place, when, worst_s, words):
    assert _when({"place": place, "when": when, "worst_s": worst_s}) == f"{words} (min:s after the start)"

import os

import pytest
from hypothesis import HealthCheck, settings
from scenes import hall

from crowdsim.simulate import run

os.environ.setdefault("CROWDSIM_FIELD_CACHE", "off")  # tests leave nothing in the user's folders

settings.register_profile("crowdsim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("crowdsim")


@pytest.fixture(scope="session")
def hall_run(tmp_path_factory):
    """A finished run of 150 people leaving a hall through a 1.2 m exit."""
    folder = tmp_path_factory.mktemp("runs") / "hall"
    return run(hall(12, 10, 150, door=1.2), folder)


@pytest.fixture
def plain_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")
    return os.environ

"""What every test shares: how random tests run. A test gets time, ids and seeds as arguments, never from here."""

import random
import signal

import pytest
from hypothesis import HealthCheck, settings

# No deadline: two busy cores make single examples slow, and pytest's own time limit catches what hangs.
settings.register_profile("project", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


# A shell lets what it starts in the background ignore Ctrl-C, and so do all that are started from there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--case-seed`, so that a failing random test can be run again as it was."""
    parser.addoption(
        "--case-seed", type=int, default=20261124, help="Seed of tests that draw at random without Hypothesis."
    )
    parser.addoption("--estates", type=int, default=320, help="How many estates are drawn at random.")


def pytest_report_header(config: pytest.Config) -> str:
    """Say which seed the run uses."""
    return f"case seed: {config.getoption('case_seed')} (replay with --case-seed)"


@pytest.fixture
def case_seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run, for tests that print and replay random cases."""
    seed = request.config.getoption("case_seed")
    assert isinstance(seed, int)
    return seed


@pytest.fixture
def dice(case_seed: int, request: pytest.FixtureRequest) -> random.Random:
    """A random source of the test's own: the same seed gives the same draws, whatever else runs."""
    return random.Random(f"{case_seed}:{request.node.nodeid}")

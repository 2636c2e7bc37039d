"""Forty random steps; `python -m tests.e2e.monkey` does more."""

from pathlib import Path

import pytest

from tests.e2e.driver import Driver
from tests.e2e.monkey import open_documents
from tests.e2e.monkey_steps import Monkey

STEPS = 40


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2])
def test_random_steps_leave_everything_right(driver: Driver, tmp_path: Path, seed: int):
    open_documents(driver, tmp_path)
    monkey = Monkey(driver, seed)
    for _ in range(STEPS):
        monkey.step()
    assert len(monkey.steps) == STEPS

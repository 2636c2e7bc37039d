"""Viewports that wait for what they draw, and that do not."""

import pytest

from retexture.session import viewport as module
from tests.session.bench import IMPATIENT, PATIENT


@pytest.fixture(params=[PATIENT, IMPATIENT], ids=["at once", "by jobs"])
def patience(request, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", request.param)

"""The histograms of Blend-If: counted anew when what is judged has changed."""

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.blend_if_histograms import HISTOGRAM_LANE
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.workspace import Workspace
from retexture.render.cache import Cache
from retexture.session.histogram import count_judged
from retexture.session.session import Session
from tests.gui.properties import RADIUS, click, recipe, section, shown


@pytest.fixture
def hybrid(qtbot: QtBot, workspace: Workspace) -> tuple[PropertiesPanel, Session]:
    return shown(qtbot, workspace, recipe("hybrid-fs"), "high")


def test_histograms_follow_what_is_judged_and_nothing_else(
    qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]
) -> None:
    panel, session = hybrid
    jobs = panel.workspace.jobs
    assert not jobs.active
    click(section(panel, "blend_if").header)
    assert [job.lane for job in jobs.active] == [HISTOGRAM_LANE]
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)

    def settled() -> bool:
        return panel.workspace.idle

    def counts() -> Any:
        return editor.sides["this"].bar.counts

    qtbot.waitUntil(settled)
    expected, beneath = count_judged(session.document, "high", Cache(1 << 24))
    np.testing.assert_array_equal(counts(), expected[0])
    np.testing.assert_array_equal(editor.sides["underlying"].bar.counts, beneath[0])
    assert counts().sum() == 48 * 64
    # Its own opacity, mask and Blend-If are judged by nothing.
    session.set("high.opacity", 0.5, "opacity")
    session.set("high.mask.density", 0.5, "density")
    assert jobs.idle
    gesture = session.begin("radius")
    gesture.set(RADIUS, 2.0)
    assert jobs.idle  # not before it ends
    gesture.commit()
    qtbot.waitUntil(settled)
    changed, _ = count_judged(session.document, "high", Cache(1 << 24))
    np.testing.assert_array_equal(counts(), changed[0])
    assert (changed != expected).any()

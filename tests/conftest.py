"""What every test stands on: determinism, no threads left behind, and the optional data folder."""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# The machine's speed must not decide a test. In CI the examples are the same every time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# Threads of pools that live as long as the program, by the prefix of their names.
POOL_PREFIX = "retexture-worker"


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fails a test after which a thread is alive that it started."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.name.startswith(POOL_PREFIX)]
    for thread in left:
        thread.join(timeout=2)
    alive = sorted(thread.name for thread in left if thread.is_alive())
    assert not alive, f"threads still alive: {', '.join(alive)}"


@pytest.fixture(scope="module", autouse=True)
def no_window_left() -> Iterator[None]:
    """Deletes the windows that a module's tests have left: thousands of widgets make each change of style slow."""
    yield
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return
    for window in widgets.QApplication.topLevelWidgets():
        window.hide()
        window.deleteLater()
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The optional folder of test pictures: $RETEXTURE_SHARED, or ../shared beside the checkout."""
    folder = Path(os.environ.get("RETEXTURE_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no test pictures in {folder}; RETEXTURE_SHARED names the folder that holds data/")
    return folder

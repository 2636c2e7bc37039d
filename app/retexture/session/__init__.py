"""The session: what the window shows and forwards gestures to. It knows nothing of Qt."""

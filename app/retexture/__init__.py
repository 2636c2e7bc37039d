"""Retexture puts a portrait's own skin texture back after AI smoothing."""

__version__ = "0.1.0"

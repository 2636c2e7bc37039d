"""How numbers are written and read: decimals, units, percents."""

import re

import msgspec

from retexture.declare import Parameter

UNITS = {"px": " px", "%": " %", "degrees": "°"}


class NumberFormat(msgspec.Struct, frozen=True):
    """How a number is written and read."""

    decimals: int = 0
    """Always shown; up to two more are, if the value has them."""
    unit: str = ""
    scale: float = 1
    """What is shown for 1: 100 for percents."""
    word: tuple[float, str] | None = None
    """A value that has a word of its own, and that word."""

    @property
    def step(self) -> float:
        """The value of one step of the arrow keys."""
        return float(10**-self.decimals / self.scale)

    def text(self, value: float) -> str:
        """Return ``2.5 px``."""
        if self.word is not None and value == self.word[0]:
            return self.word[1]
        number = f"{value * self.scale:.{self.decimals + 2}f}"
        for _ in range(2):
            number = number.removesuffix("0")
        number = number.removesuffix(".")
        return (number if float(number) else number.lstrip("-")) + self.unit

    def parse(self, text: str) -> float | None:
        """Return the value that was typed, with or without its unit, point or comma; None for no number."""
        if self.word is not None and text.strip().casefold() == self.word[1].casefold():
            return self.word[0]
        match = re.fullmatch(r"\s*([+-]?\d*[.,]?\d+|[+-]?\d+[.,]?)\s*[^\d\s]*\s*", text.replace("−", "-"))
        return round(float(match[1].replace(",", ".")) / self.scale, 9) if match else None

    def rounded(self, value: float) -> float:
        """Return the value with no more decimals than a drag should give."""
        return round(round(value * self.scale, self.decimals) / self.scale, 9)


def number_format(parameter: Parameter) -> NumberFormat:
    """Return how a declared number is written: percents for 0-1 without unit, decimals by its slider's span."""
    low, high = parameter.slider or (0, 1)
    word = (parameter.low, parameter.lowest) if parameter.low is not None and parameter.lowest else None
    if parameter.kind == "integer":
        return NumberFormat(0, UNITS.get(parameter.unit, ""), word=word)
    if not parameter.unit and (low, high) == (0, 1):
        return NumberFormat(0, " %", 100)
    span = high - low
    decimals = 2 if span <= 10 else 1 if span <= 50 or parameter.unit == "px" else 0
    return NumberFormat(decimals, UNITS.get(parameter.unit, ""), word=word)

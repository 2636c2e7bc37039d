"""The one error that a user can mend."""

from os import PathLike, fspath


class InputError(Exception):
    """A file or a value that the user can mend. Its text is one line, ``PATH: problem; remedy``.

    Args:
        path: the file at fault, or the name of the faulty option or value.
        problem: what is wrong with it.
        remedy: what to do about it.
    """

    def __init__(self, path: str | PathLike[str], problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = fspath(path)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(f"{self.path}: {self.problem}; {self.remedy}".split())

"""The kernel's type stub says what the kernel has."""

import ast
from pathlib import Path

import pytest

STUB = Path(__file__).resolve().parents[2] / "app" / "retexture" / "engine" / "_kernel.pyi"


def test_stub_names_what_the_kernel_has() -> None:
    kernel = pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")
    named = set()
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            named.add(node.name)
            arguments = [*node.args.args, *node.args.kwonlyargs]
            signature = getattr(kernel, node.name).__doc__.splitlines()[0]
            assert [a.arg for a in arguments if f"{a.arg}:" not in signature] == []
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            named.add(node.target.id)
    assert named == {name for name in dir(kernel) if not name.startswith("_")}

"""The house's rules that a machine can check: light import, imports one way, no stray loading."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag

PACKAGE = Path(rag.__file__).parent
HEAVY = (
    "torch",
    "faiss",
    "gradio",
    "sentence_transformers",
    "openai",
    "transformers",
    "dateparser",
)
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def list_imports(path: Path, *, top_level_only: bool) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif not (
            top_level_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        ):
            stack.extend(ast.iter_child_nodes(node))
    return found


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, rag, rag.types, rag.cli; rag.RagError;"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_names_offered_are_the_names_there() -> None:
    assert sorted(rag.__all__) == sorted(rag._HOMES)
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name


@pytest.mark.parametrize("path", MODULES, ids=name_module)
def test_no_heavy_library_is_imported_at_the_top(path: Path) -> None:
    imported = {name.split(".")[0] for name in list_imports(path, top_level_only=True)}
    allowed = {"gradio"} if "app" in path.relative_to(PACKAGE).parts else set()
    assert not (imported & set(HEAVY)) - allowed


def test_imports_between_modules_have_no_cycle() -> None:
    known = {name_module(path): path for path in MODULES}
    edges = {
        module: {
            name
            for name in list_imports(path, top_level_only=False)
            if name in known and name not in (module, "rag")
        }
        for module, path in known.items()
        if module != "rag"
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join((*trail, module))
        if module not in done:
            for target in sorted(edges.get(module, ())):
                visit(target, (*trail, module))
            done.add(module)

    for module in sorted(edges):
        visit(module, ())


@pytest.mark.parametrize("path", MODULES, ids=name_module)
def test_no_module_imports_the_packages_top_level(path: Path) -> None:
    if path.name in ("cli.py", "__main__.py"):
        pytest.skip("the command line tells the version")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "rag"
        if isinstance(node, ast.Import):
            assert all(alias.name != "rag" for alias in node.names)

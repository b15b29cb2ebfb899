"""What can be taken away from a module: each constant a thousand times as large, each guard never true."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing changed: `what` says which, `lines` are those that show it, if only they do.

    `names` are those of a constant, which a test may read for itself.
    """

    path: str
    what: str
    lines: frozenset[int]
    source: str
    names: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.path}: {self.what}"


def mutants_of(path: str, source: str) -> Iterator[Mutant]:
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from _constants(path, source, tree, node)
    for found in ast.walk(tree):
        if isinstance(found, ast.If) and not found.orelse and isinstance(found.body[-1], _LEAVES):
            what = f"never {ast.unparse(found.test)}"
            lines = frozenset(range(found.test.lineno, (found.test.end_lineno or found.test.lineno) + 1))
            yield Mutant(path, what, lines, _with(source, found.test, "False"))


_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _constants(
    path: str, source: str, tree: ast.Module, node: ast.Assign | ast.AnnAssign
) -> Iterator[Mutant]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    uses = frozenset(
        found.lineno
        for found in ast.walk(tree)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Load) and found.id in names
    )
    # Other modules use those without an underscore too.
    lines = uses if all(name.startswith("_") for name in names) else frozenset[int]()
    for value in ast.walk(node):
        if isinstance(value, ast.Constant) and type(value.value) in {int, float}:
            changed = _with(source, value, f"({ast.unparse(value)} * 1000 + 1)")
            what = f"{', '.join(sorted(names))} with {ast.unparse(value)} a thousand times as large"
            yield Mutant(path, what, lines, changed, frozenset(names))


def _with(source: str, node: ast.expr, text: str) -> str:
    """The source with other text in the place of a node. Columns of `ast` count bytes."""
    lines = source.encode().splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
    return b"".join([*lines[:first], before + text.encode() + after, *lines[last + 1 :]]).decode()

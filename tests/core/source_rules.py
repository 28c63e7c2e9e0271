"""What a module's source says of where its values come from: clocks, chance, and orders that no rule fixes.

Names are followed through imports, so that ``from time import time as now`` is as plain as ``time.time``. Sets are
known by how a name is made or annotated, in its module or, of fields and results, anywhere in the tree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

CHANCE = (
    "random",
    "uuid",
    "secrets",
    "os.urandom",
    "os.getrandom",
    "numpy.random",
    "torch.rand",
    "torch.seed",
)
CHANCE += ("torch.manual_seed", "torch.initial_seed", "torch.default_generator", "torch.bernoulli")
CLOCKS = tuple(
    f"time.{n}" for n in ["time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"]
)
CLOCKS += tuple(f"datetime.{n}" for n in ["datetime.now", "datetime.utcnow", "datetime.today", "date.today"])
SEEDED = ("numpy.random.Generator", "numpy.random.PCG64", "numpy.random.SeedSequence")
"""What may be made of a seed, where that is allowed at all."""
DRAWS = ("random", "rvs", "kmeans", "kmeans2", "sample_surface", "sample_surface_even", "volume_mesh")
"""Functions of scipy and trimesh that draw, and take a generator or seed."""
GIVEN = ("random_state", "rng", "seed")
ORDERLESS = (
    "sorted",
    "any",
    "all",
    "len",
    "set",
    "frozenset",
    "max",
    "min",
    "sum",
    "ranges_of",
    "did_you_mean",
)
ORDERLESS += ("update", "union", "intersection", "difference", "symmetric_difference")
"""Functions whose result no order of their argument changes (sums: of whole numbers)."""
ORDERING = (
    "list",
    "tuple",
    "enumerate",
    "iter",
    "next",
    "zip",
    "map",
    "dict",
    "fromkeys",
    "join",
    "extend",
    "array",
)
ORDERING += ("asarray", "fromiter", "concatenate", "stack", "chain", "from_iterable", "str", "repr")
SETS = ("set", "frozenset", "AbstractSet", "Set", "MutableSet")
ALGEBRA = ("union", "intersection", "difference", "symmetric_difference", "copy")
LISTINGS = ("iterdir", "glob", "rglob", "listdir", "scandir", "walk")


@dataclass(frozen=True)
class Sets:
    """Fields and results that are sets wherever they are annotated in the tree."""

    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Sets:
        yes, no = set[str](), set[str]()
        for node in (n for source in sources for n in source.nodes):
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                        (yes if _annotated(inner.annotation) else no).add(inner.target.id)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
                (yes if _annotated(node.annotation) else no).add(node.target.attr)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                no.add(node.targets[0].attr)
            elif isinstance(node, ast.FunctionDef) and node.returns is not None:
                (yes if _annotated(node.returns) else no).add(node.name)
        return cls(frozenset(yes - no))


def _annotated(annotation: ast.AST | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return isinstance(annotation, ast.Name) and annotation.id in SETS


@dataclass
class Source:
    """One module's tree, and all its ``nodes``."""

    tree: ast.Module
    nodes: list[ast.AST] = field(default_factory=list)
    _known: Sets = Sets()
    _names: dict[str, str] = field(default_factory=dict)
    _parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes.append(self.tree)
        for node in self.nodes:
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
                self.nodes.append(child)
            if isinstance(node, ast.Import):
                for a in node.names:
                    self._names[a.asname or a.name.split(".")[0]] = (
                        a.name if a.asname else a.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module:
                self._names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}

    def dotted(self, node: ast.AST) -> str:
        """``numpy.random.rand`` of ``np.random.rand``; empty where the name is not of an import."""
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return self._names.get(node.id, "") if isinstance(node, ast.Name) else ""

    def clocks(self) -> Iterator[str]:
        """Where the wall clock is read, or handed on to be read."""
        yield from self._mentions(CLOCKS)

    def chance(self, seeded: bool = False) -> Iterator[str]:
        """Where something is drawn but by a named stream. ``seeded``: a generator may be made of a seed here."""
        yield from self._mentions(CHANCE)
        for node in self.nodes:
            if isinstance(node, ast.Call) and (what := self._drawn(node, seeded)):
                yield f"line {node.lineno}: {what}"
            if isinstance(node, ast.Name) and node.id in ("hash", "id") and isinstance(node.ctx, ast.Load):
                parent = self._parents[node]
                if node.id == "hash" or not isinstance(parent, ast.Call) or parent.func is not node:
                    yield f"line {node.lineno}: {node.id} differs between processes"

    def _drawn(self, call: ast.Call, seeded: bool) -> str:
        """What is wrong with a call; empty when nothing is."""
        name = self.dotted(call.func)
        last = name.rpartition(".")[2]
        if name in SEEDED and not (seeded and call.args):
            return f"{name} is made here"
        if (
            name.startswith(("scipy.", "trimesh."))
            and last in DRAWS
            and not any(k.arg in GIVEN for k in call.keywords)
        ):
            return f"{name} is given no generator"
        if _called(call) in ("__import__", "import_module") and isinstance(call.args[0], ast.Constant):
            return "an import by name" if _within(str(call.args[0].value), (*CHANCE, "time")) else ""
        return ""

    def _mentions(self, banned: tuple[str, ...]) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{a.name}" for a in node.names]
            elif isinstance(node, ast.Attribute | ast.Name):
                names = [self.dotted(node)]
            else:
                continue
            for name in names:
                if _within(name, banned) and name not in (*SEEDED, "numpy.random"):
                    yield f"line {node.lineno}: {name}"

    def unordered(self, known: Sets = Sets()) -> Iterator[str]:
        """Where the order of a set, or of a folder's listing, goes on into something that has an order."""
        self._known = known
        for scope in self.nodes:
            if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from self._scope(scope)

    def _scope(self, scope: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
        own = list(_own(scope))
        held = self._held(scope, own)
        for node in own:
            for given in _ordered(node):
                if not self._loose(given, held) or self._settled(node):
                    continue
                if f"len({ast.unparse(given)}) " not in ast.unparse(
                    scope
                ):  # where it is looked whether it holds one
                    yield f"line {node.lineno}: the order of {ast.unparse(given)[:60]}"

    def _held(self, scope: ast.AST, own: list[ast.AST]) -> set[str]:
        """Names of this scope that are sets and nothing else."""
        yes, no = set[str](), set[str]()
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            for a in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
                (yes if _annotated(a.annotation) else no).add(a.arg)
        for _ in range(2):  # a set may be made of a set that is made further down
            for node in own:
                if isinstance(node, ast.AnnAssign):
                    made = _annotated(node.annotation)
                    targets = [node.target]
                elif isinstance(node, ast.Assign):
                    made, targets = self._is_set(node.value, yes - no), node.targets
                elif isinstance(node, ast.NamedExpr):
                    made, targets = self._is_set(node.value, yes - no), [node.target]
                else:
                    continue
                for target in targets:
                    if isinstance(target, ast.Name | ast.Attribute):
                        (yes if made else no).add(_word(target))
        return yes - no - {"?"}

    def _loose(self, node: ast.AST, held: set[str]) -> bool:
        return self._is_set(node, held) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LISTINGS
            and (node.func.attr not in ("listdir", "scandir", "walk") or self.dotted(node.func.value) == "os")
        )

    def _is_set(self, node: ast.AST, held: set[str]) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name() | ast.Attribute() if _word(node) in held:
                return True
            case ast.Attribute(attr=name):
                return name in self._known.names
            case ast.Subscript(value=ast.Name(id=name)):
                return name in SETS
            case ast.Call(func=ast.Name(id=name)):
                return name in SETS or name in self._known.names
            case ast.Call(func=ast.Subscript() as made):
                return self._is_set(made, held)
            case ast.Call(func=ast.Attribute(value=owner, attr=name)):
                return (name in ALGEBRA and self._is_set(owner, held)) or name in self._known.names
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.BitXor() | ast.Sub(), right=right):
                return any(self._is_set(side, held) or _keys(side) for side in (left, right))
            case ast.IfExp(body=one, orelse=other):
                return self._is_set(one, held) or self._is_set(other, held)
        return False

    def _settled(self, node: ast.AST) -> bool:
        """Whether all goes into a function, or a set, that no order changes."""
        while node in self._parents:
            if isinstance(node, ast.SetComp):
                return True
            parent = self._parents[node]
            if isinstance(parent, ast.stmt):
                return False
            if isinstance(parent, ast.Set):
                return True
            taken = isinstance(parent, ast.Call) and node is not parent.func and not _keyed(parent)
            if taken and _called(parent) in ORDERLESS:
                return True
            node = parent
        return False


def _word(node: ast.Name | ast.Attribute) -> str:
    """``names`` or ``self.names``; of what is further away, nothing that is ever looked up."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else "?"


def _within(name: str, banned: tuple[str, ...]) -> bool:
    return any(
        name == b or name.startswith(f"{b}.") or (b == "torch.rand" and name.startswith(b)) for b in banned
    )


def _called(node: ast.Call) -> str:
    """The last word of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _keyed(node: ast.Call) -> bool:
    """max or min by a key: of equals, the first."""
    return _called(node) in ("max", "min") and any(k.arg == "key" for k in node.keywords)


def _keys(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("keys", "items")
    )


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope but for those of functions within it."""
    waiting = [scope]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child
                waiting.append(child)


def _ordered(node: ast.AST) -> Iterator[ast.AST]:
    """What a node takes one after another."""
    match node:
        case ast.For(iter=given):
            yield given
        case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            yield from (g.iter for g in node.generators)
        case ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[]):
            yield owner
        case ast.Call():
            if _called(node) in ORDERING or _keyed(node):
                yield from node.args
            yield from (a.value for a in node.args if isinstance(a, ast.Starred))
        case ast.List() | ast.Tuple():
            yield from (e.value for e in node.elts if isinstance(e, ast.Starred))
        case ast.FormattedValue(value=shown):
            yield shown
        case ast.YieldFrom(value=given):
            yield given

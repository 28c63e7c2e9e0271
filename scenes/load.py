"""A scene by name: "folder.scene" of the library, or "path/file.py:NAME" of the user's own."""

from __future__ import annotations

import hashlib
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pairforge import scenes as language
from pairforge.errors import PairforgeError, SpecError, did_you_mean
from pairforge.scenes import library
from pairforge.scenes.policies import Controller
from pairforge.scenes.reference import files_beside
from pairforge.scenes.spec import Scene
from pairforge.scenes.typecheck import Checked
from pairforge.units import amount

_UNKNOWN_FIELD = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_MISSING_FIELD = re.compile(r"(\w+)\.__init__\(\) missing \d+ required .*arguments?: (.*)")
_UNNAMED_FIELD = re.compile(r"(\w+)\.__init__\(\) takes (\d+) positional arguments? but .* given")
_NO_SUCH_NAME = re.compile(r"cannot import name '(\w+)' from '(pairforge\.[\w.]+)'")


class Loaded(NamedTuple):
    """A scene, the source text of the file it comes from, and that text's sha256 in hexadecimal."""

    scene: Scene
    source: str
    sha256: str


def load_scene(spec: str, sha256: str | None = None) -> Loaded:
    """Loads "driving.street" or "path/file.py:NAME".

    A user's file is executed from the very text that is hashed; whatever it raises becomes a SpecError that says
    where and what to do. Nothing is written beside it. A file whose text has another hash than ``sha256`` is refused
    before it is run, with a SpecError.
    """
    if ".py" in spec or ":" in spec:
        return _from_file(spec, sha256)
    if spec not in (names := library_names()):
        raise SpecError(f'unknown scene "{spec}". {did_you_mean(spec, names)} Your own is path/file.py:NAME.')
    module_name, _, constant = spec.rpartition(".")
    module = import_module(f"{library.__name__}.{module_name}")
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    return _loaded(getattr(module, constant.upper()), source)


def library_names() -> tuple[str, ...]:
    """Names of all library scenes: the module, a dot, and the scene's constant in lower case."""
    found = []
    for info in pkgutil.iter_modules(library.__path__):
        module = import_module(f"{library.__name__}.{info.name}")
        found += [f"{info.name}.{constant.lower()}" for constant in _scenes(vars(module))]
    return tuple(sorted(found))


def _loaded(scene: Scene, source: str) -> Loaded:
    return Loaded(scene, source, hashlib.sha256(source.encode("utf-8")).hexdigest())


def _scenes(namespace: Mapping[str, Any]) -> list[str]:
    return [
        name for name, value in namespace.items() if isinstance(value, Scene) and not name.startswith("_")
    ]


def _from_file(spec: str, sha256: str | None) -> Loaded:
    file, colon, name = spec.rpartition(":")
    if colon and not file:
        raise SpecError(f'"{spec}" names no file; write path/file.py:{name or "NAME"}')
    path = Path(file if colon else spec)
    source = _text(path)
    if sha256 is not None and (found := hashlib.sha256(source.encode("utf-8")).hexdigest()) != sha256:
        raise SpecError(
            f"{path} is not the file that was asked for: its sha256 is {found[:12]}…, not {sha256[:12]}…. It was not "
            "run. Bring back the file of that time, or start a new dataset."
        )
    namespace = _run(path, source)
    scenes = _scenes(namespace)
    example = f"{path}:{scenes[0] if scenes else 'NAME'}"
    if not colon or not name:
        raise SpecError(
            f"{path}: say which scene, as in {example}. Scenes there: {', '.join(scenes) or 'none'}."
        )
    if name not in namespace:
        raise SpecError(f'{path} has no "{name}". {did_you_mean(name, scenes)}')
    if not isinstance(namespace[name], Scene):
        kind = type(namespace[name]).__name__
        raise SpecError(
            f'{path}: "{name}" is no Scene but of type {kind}. Scenes there: {", ".join(scenes) or "none"}.'
        )
    return _loaded(_bound(namespace[name], path.parent), source)


def _bound(scene: Scene, folder: Path) -> Scene:
    """The scene with its controllers' and captioners' files found beside the spec, where there are such. A setting
    whose field ``folder`` is empty is told where the spec lies."""
    actors = []
    for actor in scene.actors:
        policy = actor.behaviour.policy
        if isinstance(policy, Controller):
            where, _, function = policy.function.rpartition(":")
            if where.endswith(".py") and (folder / where).is_file():
                policy = replace(policy, function=f"{folder / where}:{function}")
                actor = replace(actor, behaviour=replace(actor.behaviour, policy=policy))
        actors.append(actor)
    setting = scene.setting
    if getattr(setting, "folder", None) == "":
        setting = replace(setting, folder=str(folder))  # type: ignore[call-arg]  # the setting has that field
    captions = [_beside(folder, name) if ".py:" in name else name for name in scene.captions]
    return replace(scene, actors=actors, setting=setting, captions=tuple(captions))


def _beside(folder: Path, name: str) -> str:
    """A captioner's file as it is found from the spec's folder, where it is there."""
    file, _, wanted = name.rpartition(":")
    return f"{folder / file}:{wanted}" if (folder / file).is_file() else name


def run_file(path: Path) -> dict[str, Any]:
    """The names that a user's Python file defines; SpecError for whatever goes wrong in it."""
    return _run(path, _text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(
            f'there is no spec file "{path}". {did_you_mean(str(path), files_beside(path))}'
        ) from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from None
    except OSError as error:
        raise SpecError(f"{path} cannot be read: {error.strerror}") from None


def _run(path: Path, source: str) -> dict[str, Any]:
    """Executes a spec file in a module of its own; everything it raises becomes a SpecError."""
    digest = hashlib.sha256(f"{path.resolve()}\n{source}".encode()).hexdigest()[:16]
    module = ModuleType(f"pairforge_spec_{digest}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        exec(compile(source, str(path), "exec"), vars(module))
    except SyntaxError as error:
        raise SpecError(
            f"{error.filename}:{error.lineno}: {error.msg}: {(error.text or '').strip()}"
        ) from None
    except (Exception, SystemExit) as error:
        raise SpecError(f"{_where(path, error)}: {_explained(error, vars(module))}") from error
    finally:
        sys.path.remove(folder)
    return vars(module)


def _where(path: Path, error: BaseException) -> str:
    """The innermost line of the spec file that the error passed through."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)


def _explained(error: BaseException, namespace: Mapping[str, Any]) -> str:
    if isinstance(error, PairforgeError):
        return str(error)
    text = str(error)
    if isinstance(error, TypeError) and (match := _UNKNOWN_FIELD.search(text)):
        kind = next((k for k in _kinds() if k.__name__ == match[1]), namespace.get(match[1]))
        names = [f.name for f in fields(kind)] if isinstance(kind, type) and is_dataclass(kind) else []
        return f'{match[1]} has no field "{match[2]}". {did_you_mean(match[2], names)}'
    if isinstance(error, TypeError) and (match := _MISSING_FIELD.search(text)):
        return f"{match[1]} needs {match[2]}"
    if isinstance(error, TypeError) and (match := _UNNAMED_FIELD.search(text)):
        return f"{match[1]} takes {_by_place(match[1], int(match[2]) - 1)}"
    if isinstance(error, ImportError) and (match := _NO_SUCH_NAME.search(text)):
        return f'{match[2]} has no "{match[1]}". {_home_of(match[1], match[2])}'
    if isinstance(error, ModuleNotFoundError):
        remedy = "Mend its spelling, install it, or put it beside the spec."
        return f'the spec needs the module "{error.name}", which is not there. {remedy}'
    if isinstance(error, NameError) and error.name:
        names = [name for name in namespace if not name.startswith("__")]
        where = f" {did_you_mean(error.name, names)}" if names else ""
        return f'"{error.name}" is not defined.{where} Import it, or mend its spelling.'
    return f"the spec raised {type(error).__name__}: {text}"


def _by_place(name: str, places: int) -> str:
    """What a class of the language takes without its name."""
    kind = next((k for k in _kinds() if k.__name__ == name), None)
    known = [f.name for f in fields(kind)] if kind is not None and is_dataclass(kind) else []
    first = ", ".join(f"{field}=…" for field in known[:2]) or "field=…"
    if places == 0:
        return f"its fields by name, as in {name}({first})"
    most = f"{amount(places, 'value')} without a name"
    rest = known[places:]
    return f"at most {most} ({', '.join(known[:places])})" + (
        f"; name the rest: {', '.join(rest)}" * bool(rest)
    )


def _home_of(name: str, module: str) -> str:
    """Where a name that is not in ``module`` is to be had instead."""
    folder = Path(language.__path__[0])
    defined = re.compile(rf"^(?:(?:class|def) {name}\b|{name}\b(?:: .*)? = )", re.M)
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_") and defined.search(path.read_text(encoding="utf-8")):
            return f"Write: from pairforge.scenes.{path.stem} import {name}"
    names = [n for n in vars(import_module(module)) if not n.startswith("_")]
    return did_you_mean(name, [n for n in names if n[0].isupper()] if name[0].isupper() else names)


def _kinds(of: type = Checked) -> Iterator[type]:
    """Every class of the language that has been imported, whatever name the spec knows it by."""
    subclasses: list[type] = of.__subclasses__()
    for kind in subclasses:
        yield kind
        yield from _kinds(kind)

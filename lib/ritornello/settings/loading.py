"""Load settings from YAML files and ``--set key.sub=value``.

An unknown key, a wrong type or an impossible value raises UsageError with file, line and key.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ritornello.errors import UsageError
from ritornello.settings.settings import Settings


def load_settings(files: Iterable[str | Path], overrides: Iterable[str] = ()) -> Settings:
    """Read and check settings from YAML files and ``key.sub=value`` overrides.

    Later files win over earlier ones, and overrides win over files.
    """
    values: dict[str, Any] = {}
    places: dict[tuple[str, ...], str] = {}
    for file in files:
        _merge(values, _read_yaml(Path(file), places))
    for override in overrides:
        _merge(values, _read_override(override, places))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise UsageError(_explain(error, places)) from None


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _read_yaml(path: Path, places: dict[tuple[str, ...], str]) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: settings cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", error)
        raise UsageError(f"{path}{line}: not valid YAML ({problem})") from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: settings must be a mapping of keys to values")
    _note_places(node, (), str(path), places)
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _note_places(
    node: yaml.MappingNode, above: tuple[str, ...], path: str, places: dict[tuple[str, ...], str]
) -> None:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = (*above, str(key_node.value))
        place = f"{path}:{key_node.start_mark.line + 1}"
        if key[-1] in seen:
            raise UsageError(f"{place}: {'.'.join(key)} is set twice")
        seen.add(key[-1])
        places[key] = place
        if isinstance(value_node, yaml.MappingNode):
            _note_places(value_node, key, path, places)


def _read_override(override: str, places: dict[tuple[str, ...], str]) -> dict[str, Any]:
    name, equals, text = override.partition("=")
    keys = tuple(part.strip() for part in name.split("."))
    if not equals or not all(keys):
        raise UsageError(f"--set {override}: write key.sub=value")
    for depth in range(1, len(keys) + 1):
        places[keys[:depth]] = f"--set {override}"
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"--set {override}: the value is not valid YAML") from None
    for key in reversed(keys):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested


def _explain(error: ValidationError, places: dict[tuple[str, ...], str]) -> str:
    return "; ".join(
        _explain_one(
            tuple(str(part) for part in detail["loc"]), detail["type"], detail["msg"], places
        )
        for detail in error.errors()
    )


def _explain_one(
    loc: tuple[str, ...], kind: str, message: str, places: dict[tuple[str, ...], str]
) -> str:
    known = next((loc[:n] for n in range(len(loc), 0, -1) if loc[:n] in places), ())
    key = ".".join(known or loc) or "settings"
    what = "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return f"{places.get(known, 'settings')}: {key}: {what}"

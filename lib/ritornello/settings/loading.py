"""Load settings from YAML files and ``--set key.sub=value``.

An unknown key, a wrong type or an impossible value raises UsageError with file, line and key.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from ritornello.errors import UsageError
from ritornello.settings.settings import Settings


def load_settings(
    files: Iterable[str | Path],
    overrides: Iterable[str] = (),
    options: Mapping[str, tuple[str, Any]] | None = None,
) -> Settings:
    """Read and check settings from YAML files and ``key.sub=value`` overrides.

    Later files win over earlier ones, overrides over files, and options over overrides. ``options``
    maps a setting to an option of the command line and its value, which is not read as YAML.
    """
    values: dict[str, Any] = {}
    places: dict[tuple[str, ...], str] = {}
    for file in files:
        _merge(values, _read_yaml(Path(file), places))
    for override in overrides:
        _merge(values, _read_override(override, places))
    for name, (option, value) in (options or {}).items():
        _merge(values, _nested(tuple(name.split(".")), value, f"{option} {value}", places))
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
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: settings must be in UTF-8: save the file so") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line_of = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", error)).split())
        raise UsageError(f"{path}{line_of}: not valid YAML ({problem})") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply to be settings") from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: settings must be a mapping of keys to values")
    _note_places(node, (), str(path), places)
    loaded: dict[str, Any] = _constructed(node)
    return loaded


def _constructed(node: yaml.Node) -> Any:
    """Return the Python object of a node."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _note_places(
    node: yaml.MappingNode, above: tuple[str, ...], path: str, places: dict[tuple[str, ...], str]
) -> None:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        place = f"{path}:{key_node.start_mark.line + 1}"
        if not isinstance(key_node, yaml.ScalarNode):
            raise UsageError(f"{place}: a key must be a word, not a list or a mapping")
        if key_node.tag.endswith(":merge"):
            raise UsageError(
                f"{place}: << is not supported: write the keys out, or layer two files"
            )
        key = (*above, str(key_node.value))
        if key[-1] in seen:
            raise UsageError(f"{place}: {'.'.join(key)} is set twice")
        seen.add(key[-1])
        places[key] = place
        if isinstance(value_node, yaml.MappingNode):
            if value_node.start_mark.index <= node.start_mark.index:  # an alias of what holds it
                raise UsageError(f"{place}: {'.'.join(key)} holds itself")
            _note_places(value_node, key, path, places)
        else:
            _check_value(value_node, f"{place}: {'.'.join(key)}")


def _check_value(node: yaml.Node, place: str) -> None:
    """Raise UsageError if a value cannot be read, such as 2024-02-31."""
    try:
        _constructed(node)
    except yaml.YAMLError as error:
        raise UsageError(f"{place}: {getattr(error, 'problem', error)}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        shown = getattr(node, "value", "")
        what = f"{shown!r} " if isinstance(shown, str) else ""
        raise UsageError(f"{place}: {what}cannot be read ({error})") from None


def _read_override(override: str, places: dict[tuple[str, ...], str]) -> dict[str, Any]:
    name, equals, text = override.partition("=")
    keys = tuple(part.strip() for part in name.split("."))
    if not equals or not all(keys):
        raise UsageError(f"--set {override}: write key.sub=value")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"--set {override}: the value is not valid YAML") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise UsageError(f"--set {override}: the value cannot be read ({error})") from None
    return _nested(keys, value, f"--set {override}", places)


def _nested(
    keys: tuple[str, ...], value: Any, place: str, places: dict[tuple[str, ...], str]
) -> dict[str, Any]:
    """Return the value below its keys, and note where it was given."""
    for depth in range(1, len(keys) + 1):
        places[keys[:depth]] = place
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
    what = message.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        near = get_close_matches(key, setting_names(), n=1)
        what = f"unknown key{f'; did you mean {near[0]}?' if near else ''}"
    return f"{places.get(known, 'settings')}: {key}: {what}"


def setting_names(section: type[BaseModel] = Settings, above: str = "") -> list[str]:
    """List the names of all settings, such as als.rank."""
    names: list[str] = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += setting_names(kind, f"{above}{name}.")
        else:
            names.append(f"{above}{name}")
    return names

"""Write all settings as a YAML file that explains itself."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ritornello.settings.settings import Settings

WIDTH = 100
ASIDE = 34  # a comment stands beside its setting from this column on, if it fits
HEADING = (
    "# Every setting with its default, which counts wherever no file says otherwise.\n"
    "# Copy the lines that differ into a file of your own and give it with --conf. Later files win,\n"
    "# and --set key.sub=value wins over all files. `ritornello settings` prints this page.\n"
)


def settings_page() -> str:
    """Return every setting with its default and meaning, as conf/local.yaml holds them."""
    return HEADING + "\n".join(_lines(Settings(), 0)) + "\n"


def _lines(section: BaseModel, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            if depth == 0:
                yield ""
                yield f"{name}:{' ' * max(1, ASIDE - len(name) - 1)}# {_sentence(value)}"
            else:
                yield from _commented(f"{indent}{name}:", field.description, indent)
            yield from _lines(value, depth + 1)
        else:
            about = _about(field)
            line = f"{indent}{name}: {_text(value)}"
            if isinstance(value, dict) and len(line) > WIDTH:
                yield from _commented(f"{indent}{name}:", about, indent)
                yield from (f"{indent}  {key}: {_text(one)}" for key, one in value.items())
            else:
                yield from _commented(line, about, indent)


def _about(field: FieldInfo) -> str | None:
    """Return the meaning of a setting, with its values where they are few."""
    words = [one for one in get_args(field.annotation) if isinstance(one, str)]
    about = field.description
    if not words or not about or all(one in about for one in words):
        return about
    return f"{about} ({', '.join(words)})"


def _sentence(section: BaseModel) -> str:
    """Return the first sentence of the docstring of a section."""
    first = (type(section).__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split()).removesuffix(".")


def _commented(setting: str, about: str | None, indent: str) -> Iterator[str]:
    setting = setting.rstrip()
    if not about:
        yield setting
        return
    beside = f"{setting:<{ASIDE - 2}}  # {about}"
    if len(beside) <= WIDTH:
        yield beside
        return
    for line in textwrap.wrap(about, WIDTH - len(indent) - 2):
        yield f"{indent}# {line}"
    yield setting


def _text(value: Any) -> str:
    """Return a value as YAML in one line. None is left empty."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return at.strftime("%Y-%m-%d" if at.time() == datetime.min.time() else "%Y-%m-%dT%H:%M:%SZ")
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return str(text).removesuffix("\n").removesuffix("...").removesuffix("\n")

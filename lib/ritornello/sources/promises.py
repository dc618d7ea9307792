"""What the nested files must hold, and the check of a footer against it.

Integers may be of any width up to 64 bits; text must be text. A column of nothing but nulls is
taken where nulls are allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    StructType,
)

from ritornello.errors import BadInputError
from ritornello.sources.footers import Footer

INTEGERS = (ByteType, ShortType, IntegerType, LongType)


@dataclass(frozen=True)
class Promise:
    """One column. ``types`` are alternatives."""

    types: tuple[DataType, ...]
    may_be_null: bool = False
    optional: bool = False


PLAYS = ArrayType(
    StructType(
        [
            StructField("track_index", LongType()),
            StructField("timestamp", StringType()),
            StructField("1", LongType()),
        ]
    )
)
INTERACTIONS: Mapping[str, Promise] = {
    "character_index": Promise((LongType(),)),
    "actions": Promise((PLAYS,)),
    "size_of_actions": Promise((LongType(),), may_be_null=True),
}
TRACKS: Mapping[str, Promise] = {
    "track_id": Promise((StringType(),), may_be_null=True),
    "track_index": Promise((LongType(),)),
    "track_count": Promise((LongType(),), may_be_null=True),
    "year_category": Promise((StringType(),), may_be_null=True),
    "domain": Promise((StringType(),), may_be_null=True),
    "genre_id_list": Promise((ArrayType(LongType()),), may_be_null=True),
    "track_name": Promise((StringType(),), may_be_null=True, optional=True),
    "artist_name": Promise((StringType(),), may_be_null=True, optional=True),
    "artist_id": Promise((LongType(), StringType()), may_be_null=True, optional=True),
}

# beside what `convert` writes: the listeners' own keys; the file is optional
LISTENERS: Mapping[str, Promise] = {
    "character_index": Promise((LongType(),)),
    "source_user_key": Promise((StringType(), LongType()), may_be_null=True),
}


def check_footers(footers: Iterable[Footer], promised: Mapping[str, Promise]) -> None:
    """Raise one error that names every file and field that breaks a promise.

    An optional column stands in all files of a table or in none: else some rows would silently
    have nothing.
    """
    every = list(footers)
    somewhere = {name for footer in every for name in footer.types}
    problems = [
        f"{footer.path}: {problem}"
        for footer in every
        for name, promise in promised.items()
        for problem in _problems(footer, name, promise, somewhere)
    ]
    if problems:
        raise BadInputError("; ".join(problems))


def _problems(footer: Footer, name: str, promise: Promise, somewhere: set[str]) -> list[str]:
    found = footer.types.get(name)
    if found is None and promise.optional:
        return [f"column {name} is missing, other files have it"] if name in somewhere else []
    if found is None:
        return [f"column {name} is missing"]
    if name in footer.nulls and promise.may_be_null:
        return []
    told = [_differences(found, wanted, name) for wanted in promise.types]
    return [] if [] in told else told[0]


def _differences(found: DataType, wanted: DataType, place: str) -> list[str]:
    """Each missing field or wrong type below ``place``."""
    if isinstance(wanted, ArrayType) and isinstance(found, ArrayType):
        within = place if isinstance(wanted.elementType, StructType) else f"{place}.element"
        return _differences(found.elementType, wanted.elementType, within)
    if isinstance(wanted, StructType) and isinstance(found, StructType):
        return [
            problem
            for field in wanted.fields
            for problem in _field_differences(found, field, place)
        ]
    fits = isinstance(found, INTEGERS if isinstance(wanted, LongType) else type(wanted))
    told = f"column {place} is {found.simpleString()}, expected {wanted.simpleString()}"
    return [] if fits else [told]


def _field_differences(found: StructType, field: StructField, place: str) -> list[str]:
    if field.name not in found.names:
        return [f"field {place}.{field.name} is missing"]
    return _differences(found[field.name].dataType, field.dataType, f"{place}.{field.name}")


def leaves(found: DataType, wanted: DataType) -> DataType:
    """The file's own type, narrowed to the promised leaves: what is asked of the scan."""
    if isinstance(wanted, ArrayType) and isinstance(found, ArrayType):
        return ArrayType(leaves(found.elementType, wanted.elementType))
    if isinstance(wanted, StructType) and isinstance(found, StructType):
        return StructType(
            [
                StructField(field.name, leaves(found[field.name].dataType, field.dataType))
                for field in wanted.fields
            ]
        )
    return found

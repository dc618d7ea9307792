"""The columns that nested files must have, and the check of their footers.

Integers may be of any width up to 64 bits; text must be text. A column of nothing but nulls is
accepted where nulls are allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from ritornello.errors import BadInputError
from ritornello.sources.footers import Footer

INTEGERS = (ByteType, ShortType, IntegerType, LongType)


@dataclass(frozen=True)
class Promise:
    """One promised column.

    ``types`` are alternatives.
    """

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
    "recording_id": Promise((StringType(),), may_be_null=True, optional=True),
    "duration_ms": Promise((LongType(),), may_be_null=True, optional=True),
    "explicit": Promise((BooleanType(),), may_be_null=True, optional=True),
    "available_from": Promise((TimestampType(),), may_be_null=True, optional=True),
    "available_until": Promise((TimestampType(),), may_be_null=True, optional=True),
}

# the listeners' own keys, which `convert` writes; the file is optional
LISTENERS: Mapping[str, Promise] = {
    "character_index": Promise((LongType(),)),
    "source_user_key": Promise((StringType(), LongType()), may_be_null=True),
}


def check_footers(footers: Iterable[Footer], promised: Mapping[str, Promise]) -> None:
    """Raise one error that names every broken promise, by file and column.

    An optional column must be in all files of a table or in none. Otherwise some rows would
    silently lack it.
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
    actual = footer.types.get(name)
    if actual is None and promise.optional:
        return (
            [f"column {name} is missing, although other files have it"] if name in somewhere else []
        )
    if actual is None:
        return [f"column {name} is missing"]
    if name in footer.nulls and promise.may_be_null:
        return []
    by_type = [_differences(actual, expected, name) for expected in promise.types]
    return [] if [] in by_type else by_type[0]


def _differences(actual: DataType, expected: DataType, place: str) -> list[str]:
    """List each missing field or wrong type below ``place``."""
    if isinstance(expected, ArrayType) and isinstance(actual, ArrayType):
        within = place if isinstance(expected.elementType, StructType) else f"{place}.element"
        return _differences(actual.elementType, expected.elementType, within)
    if isinstance(expected, StructType) and isinstance(actual, StructType):
        return [
            problem
            for field in expected.fields
            for problem in _field_differences(actual, field, place)
        ]
    fits = isinstance(actual, INTEGERS if isinstance(expected, LongType) else type(expected))
    difference = f"column {place} is {actual.simpleString()}, expected {expected.simpleString()}"
    return [] if fits else [difference]


def _field_differences(actual: StructType, field: StructField, place: str) -> list[str]:
    if field.name not in actual.names:
        return [f"field {place}.{field.name} is missing"]
    return _differences(actual[field.name].dataType, field.dataType, f"{place}.{field.name}")


def leaves(actual: DataType, expected: DataType) -> DataType:
    """Narrow the file's own type to the promised leaves.

    The scan then reads nothing else.
    """
    if isinstance(expected, ArrayType) and isinstance(actual, ArrayType):
        return ArrayType(leaves(actual.elementType, expected.elementType))
    if isinstance(expected, StructType) and isinstance(actual, StructType):
        return StructType(
            [
                StructField(field.name, leaves(actual[field.name].dataType, field.dataType))
                for field in expected.fields
            ]
        )
    return actual

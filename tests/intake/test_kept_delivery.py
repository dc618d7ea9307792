"""An outside log is converted once, and again when its files or settings change."""

import pytest

from intake.delivery_files import context_of
from ritornello.errors import BadInputError, BusyError
from ritornello.intake.kept_delivery import delivery_of, kept_in
from ritornello.lease import import_lease
from sources.formats.outside_files import write


def test_a_delivery_is_kept_while_its_log_stays_the_same(spark, tmp_path):
    context = context_of(spark, tmp_path / "warehouse")
    log, lines = tmp_path / "log", ["Tin Owls,,Dusk,01 Feb 2024 22:02", "Tin Owls,,Dawn,x"]
    kept = kept_in(context.store.warehouse, str(log), "lastfm-csv")
    write(log / "mira.csv", lines[0])

    def converted() -> list[str]:
        context.console.file.truncate(0)
        assert delivery_of(context, str(log), data_format="lastfm-csv", kept=kept) == kept
        plays = spark.read.parquet(f"{kept}/interactions.parquet").count()
        return [plays, "has not changed since" in " ".join(context.console.file.getvalue().split())]

    assert converted() == [1, False]
    assert converted() == [1, True]
    write(log / "jon.csv", lines[0])
    another = context_of(spark, context.store.warehouse)
    with import_lease(another), pytest.raises(BusyError, match=f"run {another.run_id} works on"):
        converted()
    assert spark.read.parquet(f"{kept}/interactions.parquet").count() == 1
    assert converted() == [2, False]
    write(log / "jon.csv", lines[1])
    write(log / "mira.csv", lines[1])
    with pytest.raises(BadInputError):
        converted()
    with pytest.raises(BadInputError):
        converted()  # what is half there is not used
    assert delivery_of(context, str(log), data_format="nested", kept=kept) == str(log)

from pathlib import Path

from pyspark.sql.types import _parse_datatype_string

from ritornello.tables.contracts import contracts
from ritornello.tables.docs import tables_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_in_docs_is_fresh():
    assert (ROOT / "docs/tables.md").read_text() == tables_page(), "run `make docs`"


def test_every_contract_is_sound(spark):
    for kind in ("track", "artist"):
        for name, contract in contracts(kind).items():
            names = [column.name for column in contract.columns]
            assert len(names) == len(set(names)), name
            assert set(contract.key) | set(contract.partitions) <= set(names), name
            assert all(column.meaning for column in contract.columns), name
            assert not any(contract.column(key).nullable for key in contract.key), name
            for column in contract.columns:
                for kind_ in column.type.split(" or "):
                    assert _parse_datatype_string(kind_).simpleString() == kind_, (
                        name,
                        column.name,
                    )


def test_recommendations_speak_of_their_item_kind():
    assert "source_artist_id" in {c.name for c in contracts("artist")["recommendations"].columns}
    assert "track_id" in {c.name for c in contracts("track")["recommendations"].columns}

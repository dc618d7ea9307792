"""The page of the nights: every picture says what it shows, and what is not known stays out."""

import re

import pytest

from ritornello.report.nights import audit_in_words, night_rows, nights_html


def night(day: int, *, live: float | None = None, others: bool = False, **more) -> dict:
    names = ("live", "ranked", "shadow") if others else ("live",)
    found = {f"{n}_precision_{k}": live for n in names for k in (5, 10, 20)} if live else {}
    checks = {"coverage": [1.0, "ok"], "list_length": [0.98, "ok"], "stability": [0.7, "ok"]}
    return {
        "as_of": f"2025-01-{day:02}T00:00:00Z",
        "served": False,
        "listeners": 3300,
        "seconds": 90.0 * day,
        "rows": 10,
        "checks": checks,
        "live": found,
        "shadow": None,
        **more,
    }


@pytest.fixture
def month() -> list[dict]:
    """Thirty nights, of which the last seven are not known yet, and one warned."""
    told = [night(day, live=day / 100 if day <= 23 else None, others=True) for day in range(1, 31)]
    told[4]["checks"] = {"coverage": [0.98, "warn"], "stability": [None, "none"]}
    told[-1] |= {"served": True, "shadow": "20250130-abc"}
    return told


def test_the_page_draws_every_night(month):
    page = nights_html({"nights": month})
    pictures = re.findall(r'<figure id="picture-([^"]*)"', page)
    assert pictures == ["live-precision", "other-lists", "audits", "minutes"]
    assert page.count("<svg ") == 4
    assert "@5 goes from 0.0100 on 2025-01-01 to 0.2300 on 2025-01-23." in page
    assert page.count("<td>0.2300</td>") == 1 + 3 + 3  # the table, three cutoffs, three lists
    assert page == nights_html({"nights": month})


def test_a_first_night_is_told_without_what_is_not_known():
    page = nights_html({"nights": [night(6)]})
    assert re.findall(r'<figure id="picture-([^"]*)"', page) == ["audits", "minutes"]
    assert "Coverage is 1.0000 on 2025-01-06, the only night that is known." in page
    assert page.count("This was not measured in this run.") == 1


def test_the_table_has_the_newest_night_first_and_names_what_warned(month):
    heads, rows = night_rows(month)
    assert all(len(row) == len(heads) for row in rows)
    newest = dict(zip(heads, rows[0], strict=True))
    assert newest["Night"] == "2025-01-30T00:00:00Z"
    assert (newest["Served"], newest["Shadow"], newest["Minutes"]) == (
        "now",
        "20250130-abc",
        "45.0",
    )
    assert newest["Live @10"] == "\N{EN DASH}"
    assert rows[25][heads.index("Audit")] == "coverage warn"
    assert audit_in_words(month[0]) == "ok"

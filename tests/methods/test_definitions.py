from pathlib import Path

from ritornello.methods.definitions import METHODS, NIGHTLY, methods_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods.md"


def test_the_page_of_methods_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == methods_page(), "stale: run `make docs`"


def test_the_methods_of_a_night_stand_in_the_catalogue():
    assert set(NIGHTLY) <= set(METHODS)


def test_every_tuned_method_has_the_same_number_of_trials():
    assert {len(method.trials) for method in METHODS.values() if method.trials} == {4}

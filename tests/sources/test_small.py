import os

import pytest

from ritornello.sources.small import SMALL, TIMES_LARGER, is_small


@pytest.mark.parametrize(
    ("name", "largest"),
    [("log.json", SMALL), ("below/log.JSON", SMALL), ("log.json.GZ", SMALL // TIMES_LARGER)],
)
def test_up_to_so_many_bytes_of_text_are_small(tmp_path, name, largest):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    os.truncate(file, largest)
    assert is_small(str(tmp_path))
    assert is_small(str(file))
    (tmp_path / "one.more").write_text("x")
    os.truncate(file, largest + 1)
    assert not is_small(str(tmp_path))


def test_several_places_are_small_together_and_no_address_is(tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    for place in (one, two):
        place.touch()
    os.truncate(one, SMALL)
    assert is_small(str(one), two.as_uri(), str(tmp_path / "none"))
    two.write_text("x")
    assert not is_small(str(one), two.as_uri())
    assert not is_small("s3a://bucket/folder")
    assert not is_small(str(two), "s3a://bucket/folder")

import os

import pytest

from ritornello.sources.small import SMALL, TIMES_LARGER, is_small


@pytest.mark.parametrize(
    ("name", "largest"),
    [("log.json", SMALL), ("below/log.JSON", SMALL), ("log.json.GZ", SMALL // TIMES_LARGER)],
)
def test_up_to_64_mib_of_text_are_small(tmp_path, name, largest):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    os.truncate(file, largest)
    assert is_small(str(tmp_path))
    assert is_small(str(file))
    (tmp_path / "one.more").write_text("x")
    os.truncate(file, largest + 1)
    assert not is_small(str(tmp_path))


def test_nothing_and_addresses_are_not_small(tmp_path):
    assert not is_small(str(tmp_path / "none"))
    assert not is_small("s3a://bucket/folder")

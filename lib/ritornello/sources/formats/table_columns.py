"""Recognise the columns of a plain table by their names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ritornello.settings.intake import ColumnNames

# names of columns by what they hold, in letters and digits alone, best first
KNOWN: Mapping[str, tuple[str, ...]] = {
    "listener": (
        *("userid", "listenerid", "user", "listener", "username", "account", "accountid", "uid"),
        *(
            "customerid",
            "customer",
            "memberid",
            "profile",
            "household",
            "householdid",
            "householdkey",
        ),
    ),
    "item": (
        *("itemid", "trackid", "songid", "trackuri", "uri", "productid", "sku", "item", "product"),
        *("recordingid", "isrc", "tid", "iid"),
    ),
    "name": (
        *("trackname", "songname", "title", "tracktitle", "songtitle", "itemname", "productname"),
        *("name", "track", "song"),
    ),
    "artist": ("artistname", "artist", "creator", "artistcredit", "band"),
    "time": (
        *(
            "playedat",
            "listenedat",
            "timestamp",
            "datetime",
            "time",
            "date",
            "ts",
            "uts",
            "unixtime",
        ),
        *("when", "at", "endtime", "purchasedat", "transactiontimestamp"),
    ),
    "weight": ("weight",),
}


@dataclass(frozen=True)
class Columns:
    """Places of a table's columns, -1 where there is none."""

    listener: int
    item: int
    name: int
    artist: int
    time: int
    weight: int

    @property
    def suffice(self) -> bool:
        """Return whether time and item are there.

        The listener may be a setting.
        """
        return self.time >= 0 and (self.item >= 0 or self.name >= 0)


def columns_of(names: Sequence[str], chosen: ColumnNames) -> Columns:
    """Find the columns of a table.

    The settings name them, else they are known by their usual names.
    """
    bare = [re.sub(r"[\W_]+", "", name).lower() for name in names]
    places = {}
    for what, usual in KNOWN.items():
        wanted = getattr(chosen, what)
        if wanted is not None:
            places[what] = names.index(wanted) if wanted in names else -1
        else:
            places[what] = next((bare.index(name) for name in usual if name in bare), -1)
    return Columns(**places)

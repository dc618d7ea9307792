"""Decide who listened, for exports whose entries do not say it.

The account decides where a file names it, else the setting, else the folder that a person named.
Folders and archives that the service names are looked through.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from os.path import abspath
from urllib.parse import unquote

from ritornello.errors import BadInputError
from ritornello.identity.name_keys import spoken

# numbers, dates and signs of a copy; any word beside them was written by a person
SUFFIX = r"([\s\d._()-]|\bcopy\b)*"
BY_SERVICE = re.compile(
    r"(my[ _-]?spotify[ _-]?data|my[ _-]?data|spotify[ _-]?data"
    rf"|spotify[ _-](account data|extended streaming history|technical log information)){SUFFIX}",
    re.IGNORECASE,
)


def folder_owner(name: str, *, root: str) -> str | None:
    """Return the listener whose folder a file lies in.

    Below ``root`` this is the first folder with a name that a person gave. If there is none, it is
    the last such folder of ``root`` itself. The name of a single file does not count.
    """
    below = [part for part in map(_plain, name.split("/")[:-1]) if part]
    parts = _path(root).rstrip("/").split("/")
    folders = parts[:-1] if parts[-1] == name else parts
    above = [part for part in map(_plain, folders) if part]
    return next(iter([*below, *reversed(above)]), None)


def _plain(part: str) -> str | None:
    """Return a folder's name, or None if it is the service's."""
    bare = re.sub(r"\.zip$", "", spoken(part) or "", flags=re.IGNORECASE)
    return None if BY_SERVICE.fullmatch(bare) or bare in (".", "..") else bare or None


def _path(root: str) -> str:
    """Return the path of a folder or URI, without scheme and bucket."""
    _scheme, there, rest = root.partition("://")
    return unquote(rest.partition("/")[2]) if there else abspath(root.removeprefix("file:"))


def file_owners(
    accounts: Mapping[str, str | None], *, root: str, listener: str | None
) -> dict[str, str]:
    """Return the listener of each file of an account export.

    ``accounts`` maps each file to the account that its entries name. ``listener``, the setting,
    decides for all files. Raises ``BadInputError`` where it would join two accounts, and where some
    files of a folder name an account and others do not.
    """
    folders = {name: folder_owner(name, root=root) for name in accounts}
    if listener:
        _check_one_account(accounts, root)
        return dict.fromkeys(accounts, listener)
    _check_folders(accounts, folders, root)
    owners = {name: account or folders[name] for name, account in accounts.items()}
    for name, owner in owners.items():
        if owner is None:
            raise BadInputError(
                f"{root}: {name} does not say who listened, and no folder does: set "
                "formats.listener"
            )
    return {name: owner for name, owner in owners.items() if owner}


def _check_one_account(accounts: Mapping[str, str | None], root: str) -> None:
    by_account = {account: name for name, account in sorted(accounts.items()) if account}
    if len(by_account) > 1:
        named = ", ".join(f"{name} is of {account}" for account, name in sorted(by_account.items()))
        raise BadInputError(
            f"{root}: formats.listener names one listener, but the files are of several accounts "
            f"({named}): leave the setting empty, or convert each account by itself"
        )


def _check_folders(
    accounts: Mapping[str, str | None], folders: Mapping[str, str | None], root: str
) -> None:
    """Refuse a folder in which only some files name an account.

    The others are probably of the same person, who would become two listeners.
    """
    files: dict[str | None, list[str]] = defaultdict(list)
    for name in sorted(accounts):
        files[folders[name]].append(name)
    for names in files.values():
        with_account = [name for name in names if accounts[name]]
        without = [name for name in names if not accounts[name]]
        if with_account and without:
            raise BadInputError(
                f"{root}: {with_account[0]} names the account {accounts[with_account[0]]} and "
                f"{without[0]} in the same person's folder names none: set formats.listener to the "
                "name of this listener, or convert the files one by one"
            )


def check_one_kind(
    files: Mapping[str, str | None], *, root: str, is_short: Callable[[str], bool], kinds: str
) -> None:
    """Refuse two kinds of export of one listener together.

    ``files`` maps each file to its listener, ``kinds`` names both kinds. One repeats the other with
    other times, so both together would count plays twice.
    """
    first: dict[tuple[str | None, bool], str] = {}
    for name, owner in sorted(files.items()):
        first.setdefault((owner, is_short(name)), name)
    for (owner, short), name in sorted(first.items(), key=str):
        other = first.get((owner, True))
        if not short and other is not None:
            raise BadInputError(
                f"{root}: holds {kinds} of one listener, {owner} ({other}; {name}), which repeat each "
                "other: convert only one of them, or a folder for each listener"
            )

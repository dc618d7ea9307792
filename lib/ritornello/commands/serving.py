"""The command bar, which says what may not be served."""

from typing import TYPE_CHECKING

import click

from ritornello.commands.launch import run
from ritornello.commands.options import Common, settings_options
from ritornello.errors import UsageError

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("bar")
@settings_options
@click.option("--track", help="The source's key of a track, as in the lists.")
@click.option("--artist", help="The source's key of an artist.")
@click.option("--explicit", is_flag=True, help="Every track with explicit words.")
@click.option("--listener", help="Only for this listener, by name or id (default: everybody).")
@click.option("--lift", "is_lifted", is_flag=True, help="Take the rule back.")
def bar_command(
    track: str | None,
    artist: str | None,
    explicit: bool,
    listener: str | None,
    is_lifted: bool,
    common: Common,
) -> int:
    """Forbid a track, an artist or explicit tracks, or list the rules.

    A rule takes effect at once: the places are taken out of the served lists and playlists, and no
    later night, list or export has them until the rule is lifted. Without options, list all rules.

    \b
    ritornello bar --track 4uLU6hMCjMI75M1A2tKUQC
    ritornello bar --artist "the name or id" --listener anna
    ritornello bar --explicit --listener anna
    ritornello bar --track 4uLU6hMCjMI75M1A2tKUQC --lift
    ritornello bar
    """
    chosen = [("track", track), ("artist", artist), ("explicit", "" if explicit else None)]
    named = [(what, key) for what, key in chosen if key is not None]
    if len(named) > 1:
        raise UsageError("name one thing: --track, --artist or --explicit")
    if not named and (listener or is_lifted):
        raise UsageError("--listener and --lift need one of --track, --artist and --explicit")
    what, key = named[0] if named else ("", "")
    whose = _source_key(common, listener) if listener else ""

    def body(context: "Context") -> str:
        from ritornello.night.publication.bar import Bar, bar, bars, lift

        if not named:
            return bars(context)
        rule = Bar(what, key, whose)
        return lift(context, rule) if is_lifted else bar(context, rule)

    return run("bar", common, body)


def _source_key(common: Common, listener: str) -> str:
    from ritornello.listener.reader import Reader
    from ritornello.listener.who import find_listener

    return find_listener(Reader(common.settings().warehouse), listener).source_user_id

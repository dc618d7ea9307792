"""Every command line that a document shows is one that the tool takes."""

import re
import shlex
import subprocess

import click
import pytest

from documents import ROOT, lines_in_blocks, outside_of_blocks
from ritornello.commands import load

INLINE = re.compile(r"`((?:ritornello|make) [^`\n]+)`")
PLACEHOLDER = re.compile(r"<[^>]*>")
ANY = {"--help", "--version", "X"}


def lines_of(document: str) -> list[str]:
    """The commands in the blocks and sentences of a document, without their comments."""
    shown = lines_in_blocks(document) + INLINE.findall(outside_of_blocks(document))
    return [line for line in shown if re.match(r"(ritornello|make) ", line)]


DOCUMENTS = [
    str(file.relative_to(ROOT))
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if lines_of(str(file.relative_to(ROOT)))
]


def words_of(line: str) -> list[str]:
    """The words after the program. A placeholder is one word, and what may be left out is there."""
    words = shlex.split(PLACEHOLDER.sub("X", line), comments=True)
    return [word.strip("[]") for word in words if word != "…"][1:]


def check_ritornello(line: str) -> None:
    name, *words = words_of(line)
    if name in ANY:
        return
    command = load(name)
    assert command is not None, f"{line}: no such command"
    context = click.Context(command, info_name=name)
    values, _, _ = command.make_parser(context).parse_args(list(words))
    for option in command.params:
        if isinstance(option.type, click.Choice) and values.get(option.name) is not None:
            option.type_cast_value(context, values[option.name])


def check_make(line: str) -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))
    known = set(re.search(r"^KNOWN := ((?:.*\\\n)*.*)$", text, re.MULTILINE)[1].split())
    for word in words_of(line):
        name, is_variable, _ = word.partition("=")
        assert name in (known if is_variable else targets), f"{line}: make knows no {name}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_is_one(document):
    for line in lines_of(document):
        check = check_make if line.startswith("make ") else check_ritornello
        try:
            check(line)
        except click.UsageError as error:
            pytest.fail(f"{line}: {error.format_message()}")


@pytest.mark.parametrize(
    "line",
    [
        *("ritornello refesh --as-of 2025-01-06", "ritornello refresh --asof 2025-01-06"),
        *("ritornello recommend anna --list best", "make rum", "make run SEEDS=1"),
    ],
)
def test_a_wrong_one_is_noticed(line):
    with pytest.raises((AssertionError, click.UsageError)):
        (check_make if line.startswith("make ") else check_ritornello)(line)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "Input=x"], "make knows no variable Input"),
        (["run", "DATA=x"], "make run does not use DATA: it takes INPUT AS_OF HORIZON FORMAT"),
        (["compare", "INPUT=x"], "make compare does not use INPUT"),
        (["run", "INPUT=", "WAREHOUSE=a b"], '--warehouse "a b" --input ""'),
        (["run", "INPUT=x", "FORMAT=table", "SET=--set als.rank=8"], "--format table"),
        (["studio", "PORT=1"], "--port 1"),
    ],
)
def test_make_passes_variables_on_or_refuses_them(arguments, sentence):
    """`make -n` prints the commands without running them."""
    run = subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert sentence in run.stdout + run.stderr

"""What an answer over MCP may hold at most, and what the command does not start with."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from server.cli import main
from server.mcp.fitting import MOST, fitting, size
from server.mcp.flattening import Lines
from server.mcp.results import DataLine, Onward
from server.models.runs import SearchHit


@pytest.mark.parametrize("text", ["x" * 100_000, '"\\' * 50_000, "\x01ü" * 30_000])
def test_a_line_longer_than_an_answer_is_read_on_inside(text: str) -> None:
    page = Lines(first=0, total=1, lines=[DataLine(locator="page=1", text=text)], page=1, pages=2)
    read, onward = "", Onward(offset=0, page=1)
    while onward.page == 1:
        lines, following = page.part(onward.offset, onward.character)
        assert sum(size(line) for line in lines) <= MOST
        assert following is not None
        read, onward = read + lines[0].text, following
    assert read == text
    assert onward == Onward(offset=0, page=2)


def test_an_item_larger_than_an_answer_is_cut_and_says_so() -> None:
    hits = [SearchHit(where="chat", id=str(n), locator="", title="t", text="w" * 50_000) for n in range(3)]
    shown = fitting(hits, 10_000)
    assert [one.id for one in shown] == ["0"]
    assert size(shown[0]) <= 10_000
    assert "46000 more characters" in shown[0].text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--url", "http://127.0.0.1:1"], "CASEGATE_TOKEN"),
        (["--url", "http://casegate.example", "--listen", "127.0.0.1:1"], "https was expected"),
        (["--url", "https://me:word@casegate.example", "--listen", "127.0.0.1:1"], "no password"),
        (["--url", "ftp://casegate.example", "--listen", "127.0.0.1:1"], "address of a Casegate server"),
        (["--url", "http://127.0.0.1:1", "--listen", "8765"], "ADDRESS:PORT"),
        (["--url", "http://127.0.0.1:1", "--listen", "127.0.0.1:1", "--token-file", "x"], "brings its own token"),
        (["--url", "http://127.0.0.1:1", "--token-file", "not-there"], "not-there"),
    ],
)
def test_wrong_arguments_are_one_line(arguments: list[str], expected: str) -> None:
    result = CliRunner(env={"CASEGATE_TOKEN": ""}).invoke(main, ["mcp", *arguments])
    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1

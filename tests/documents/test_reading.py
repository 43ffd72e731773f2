from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.documents.reading import Reading, messages_in, read
from duramen.documents.reserved import context_of, is_timeless, plain, with_reserved
from duramen.documents.source import Source
from duramen.errors import BadContentError

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


def _read(content: str, **options: Any) -> Reading:
    return read("bank", Source(content=content, **options), now=NOW, characters=3000)


def _said(reading: Reading) -> list[tuple[str | None, str, str]]:
    return [(piece.speaker, piece.kind, piece.text) for piece in reading.pieces]


def test_lines_with_labels_are_a_conversation() -> None:
    reading = _read("\nUser: Where is the key?\nASSISTANT: Under the mat.\nAs always.\nHuman: Thanks")

    assert _said(reading) == [
        ("user", "fact", "Where is the key?"),
        ("assistant", "experience", "Under the mat.\nAs always."),
        ("user", "fact", "Thanks"),
    ]
    assert all(piece.text == reading.text[piece.start :][: len(piece.text)] for piece in reading.pieces)


@pytest.mark.parametrize(
    "text",
    [
        "We met.\nUser: hello",
        "Ben: hello\nUser: hello",
        "User: hello\nBen: hi\nUser: who?\nBen: me",
        "Users: all of them",
        "[1, 2]",
        '[{"role": "user"}]',
        "[]",
        "[not json",
    ],
)
def test_what_only_looks_like_a_conversation_is_a_text(text: str) -> None:
    assert messages_in(text) == ([], "text")


def test_a_note_in_an_answer_leaves_it_a_conversation() -> None:
    reading = _read("User: How?\nAssistant: Stir it.\nNote: not too long.")

    assert [text for _, _, text in _said(reading)] == ["How?", "Stir it.\nNote: not too long."]


def test_messages_in_json_are_a_conversation_without_what_the_system_says() -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "I moved to Porto."}], "name": "Ada"},
        {"role": "assistant", "content": "Noted.", "timestamp": "2026-02-01T10:00:00Z"},
        {"role": "user", "content": "  "},
    ]

    reading = _read(json.dumps(messages))

    assert _said(reading) == [("Ada", "fact", "I moved to Porto."), ("assistant", "experience", "Noted.")]
    assert reading.pieces[1].occurred == datetime(2026, 2, 1, 10, tzinfo=timezone.utc)
    assert json.loads(reading.text) == messages


def test_recalled_memories_are_left_out_of_text_and_pieces() -> None:
    block = '<recalled-memory note="x">\n- secret\n</recalled-memory>'

    for content in (
        f"{block}\nAda moved.",
        f"User: {block} Ada moved.\nAssistant: Good.",
        json.dumps([{"role": "user", "content": f"{block} Ada moved."}]),
    ):
        reading = _read(content)

        assert "secret" not in reading.text
        assert "secret" not in "".join(piece.text for piece in reading.pieces)
        assert "Ada moved." in reading.text


def test_what_cannot_be_stored_is_replaced() -> None:
    reading = _read("Ada\0 moved\ud800.", metadata={"a": "b\0"}, context="c\0")

    assert reading.text == "Ada\ufffd moved\ufffd."
    assert plain(reading.about.metadata) == {"a": "b\ufffd"}
    assert context_of(reading.about.metadata) == "c\ufffd"


def test_without_an_id_it_has_one_that_follows_from_what_it_is() -> None:
    first, again, other = _read("Ada moved."), _read("Ada moved."), _read("Ada moved.", tags=["x"])

    assert first.document == again.document != other.document


def test_what_is_timeless_is_not_dated() -> None:
    reading = _read("Ada moved.", timeless=True, occurred=datetime(2020, 1, 1, tzinfo=timezone.utc))

    assert reading.pieces[0].occurred is None
    assert is_timeless(reading.about.metadata)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("  ", {}),
        (7, {}),
        ("text", {"document": " "}),
        ("text", {"document": "a\0b"}),
        ("text", {"document": "a\ud800"}),
        ("text", {"document": "a" * 1001}),
        ("text", {"document": 7}),
        ("text", {"mode": "delta"}),
        ("text", {"metadata": {"a": 1}}),
        ("text", {"metadata": ["a"]}),
        ("text", {"metadata": {"duramen:context": "x"}}),
        ("text", {"context": 7}),
        ("text", {"entities": "Ada"}),
        ("text", {"tags": "Ada"}),
        ("text", {"occurred": "yesterday"}),
        ('[{"role": "user", "content": "hi", "timestamp": "soon"}]', {}),
        ("<recalled-memory>all of it</recalled-memory>", {}),
    ],
)
def test_what_cannot_be_kept_is_refused(content: Any, options: dict[str, Any]) -> None:
    with pytest.raises(BadContentError):
        _read(content, **options)


def test_reserved_metadata_may_come_from_its_own_helper() -> None:
    reading = _read("text", metadata=with_reserved({"a": "b"}, context="the garden"))

    assert context_of(reading.about.metadata) == "the garden"
    assert plain(reading.about.metadata) == {"a": "b"}


def test_a_conversation_of_too_many_messages_is_refused() -> None:
    said = json.dumps([{"role": "user", "content": "hi"}] * 10_001)

    with pytest.raises(BadContentError, match="10,001 messages"):
        _read(said)

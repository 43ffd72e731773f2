from datetime import datetime, timezone

from duramen.explained.account import Account, heading, quoted
from duramen.types import ArmRank, Memory

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


def memory(text: str = "Anna works at a bakery.", **more: object) -> Memory:
    given = {"id": "m", "bank": "b", "event": "e", "key": "k", "mentioned": NOON, "stored": NOON, "speaker": "Ada"}
    return Memory(text=text, **{**given, **more})  # type: ignore[arg-type]  # fields of a memory, passed through


def test_a_hit_is_told_by_its_places_and_shares() -> None:
    account = Account(
        id="m",
        memory=memory(),
        hit=1,
        score=0.8123,
        ranked=1,
        arms={"semantic": ArmRank(37, 0.31), "keyword": None},
        shares={"semantic": 0.155, "graph": 0.001, "agent": -0.05},
        fused=ArmRank(12, 0.2),
        closer={"near": 1.9},
        looked=1,
        reranked=0.5,
        way='anna > "My sister Anna lives in Ghent."',
    )

    assert account.lines() == [
        "37th in semantic (0.31), not found by keyword, 12th after fusion, 1st after the closer look, given 0.50 by the reranker: hit 1, score 0.81.",
        "Counted in fusion: semantic +0.15, agent -0.05.",
        "Counted in the closer look: near +1.90.",
        'The graph came to it by: anna > "My sister Anna lives in Ghent."',
    ]


def test_what_was_dropped_says_so_at_the_end() -> None:
    account = Account(id="m", memory=memory(), arms={"keyword": ArmRank(2, 0.5)}, reason="limit", told="too far behind")

    assert account.lines() == ["2nd in keyword (0.50), then dropped: too far behind."]


def test_what_is_held_back_says_by_what_and_where_it_stood() -> None:
    account = Account(
        id="m",
        memory=memory(),
        arms={"keyword": ArmRank(1, 0.5)},
        refused={"actor": "of another actor", "tags": "of other tags"},
        reason="filtered",
        told="of another actor; of other tags",
    )

    assert account.lines() == ["Held back: of another actor; of other tags. Apart from that: 1st in keyword (0.50)."]


def test_what_is_no_longer_so_says_since_when_and_what_is() -> None:
    old = Account(id="m", memory=memory(superseded=NOON), by='"Anna sells cars."', reason="limit", told="behind")
    new = Account(id="m", memory=memory(), hit=1, score=0.5, ranked=1, instead='"Anna works at a bakery."')

    assert (
        old.lines()[1]
        == 'No longer so since 2026-03-02 12:00, when this was said, which goes before it: "Anna sells cars."'
    )
    assert new.lines()[1] == 'It takes the place of what was said before: "Anna works at a bakery."'


def test_what_is_not_there_goes_by_its_name() -> None:
    assert (
        str(Account(id="nope", reason="unknown", told="there is no such memory")) == "nope\n  There is no such memory."
    )


def test_no_text_can_break_a_line_or_steer_a_terminal() -> None:
    said = memory("one\ntwo \x1b[31mred", speaker="A\nB")
    account = Account(id="m", memory=said, way="a\nb", reason="limit", told="x\x07\ny")

    assert heading(said) == "2026-03-02  A B: one two [31mred"
    assert str(account).splitlines() == [heading(said), "  X y.", "  The graph came to it by: a b"]


def test_a_long_text_is_quoted_by_its_beginning() -> None:
    assert quoted("word " * 40, most=12) == '"word word w\N{HORIZONTAL ELLIPSIS}"'
    assert quoted("word", most=4) == '"word"'

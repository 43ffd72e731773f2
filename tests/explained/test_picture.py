import re
from datetime import datetime, timezone
from html.parser import HTMLParser

from duramen.explained.account import Account
from duramen.explained.picture import picture
from duramen.types import ArmRank, Interval, Memory, Query, Recall, Trace

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
EVIL = '<script>alert("x")</script>&<img src=x onerror=y>'


class Reader(HTMLParser):
    """Reads HTML, and insists that what is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        self.tags.append(tag)
        self.attributes += attrs

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def account(text: str = "Anna works at a bakery.", **more: object) -> Account:
    memory = Memory(id="m", bank="b", text=text, event="e", key="k", mentioned=NOON, stored=NOON, speaker="Ada")
    return Account(id="m", memory=memory, **more)  # type: ignore[arg-type]  # fields of an account, passed through


def recall(text: str = "Where?", **trace: object) -> Recall:
    return Recall(bank="b", query=Query(text=text, at=NOON), trace=Trace(**trace))  # type: ignore[arg-type]  # as above


def test_each_hit_has_bars_for_the_arms_and_for_the_closer_look() -> None:
    one = account(hit=1, score=0.8, ranked=1, shares={"keyword": 0.6, "semantic": 0.2}, closer={"near": 1.5})
    other = account(hit=2, score=0.4, ranked=2, shares={"keyword": 0.4}, closer={"near": 3.0, "agent": -0.3})

    read = Reader(drawn := picture(recall(milliseconds={"embed": 2.0, "fuse": 1.0}), [one, other], []))

    labels = [value for name, value in read.attributes if name == "aria-label"]
    assert labels == [
        "keyword 0.60, semantic 0.20",
        "near 1.50",
        "keyword 0.40",
        "near 3.00, agent -0.30",
        "embed 2.00 ms, fuse 1.00 ms",
    ]
    widths = [float(width) for width in re.findall(r'<rect x="[\d.]+" y="0" width="([\d.]+)"', drawn)]
    assert widths == [165.0, 55.0, 110.0, 110.0, 220.0, 0.0, 293.3, 146.7]
    assert "2026-03-02  Ada: Anna works at a bakery." in read.texts


def test_what_was_understood_is_told() -> None:
    seen = recall(
        time="2026-03-01 to 2026-04-01",
        dates=(Interval(NOON, NOON),),
        entities=("anna",),
        corrected=(("ana", "anna"),),
        parts=("Where is Anna?", "Why?"),
    )

    read = Reader(picture(seen, [], []))

    assert {
        'Asks: "Where is Anna?", "Why?"',
        "Names: anna",
        'Read: "ana" as "anna"',
        "Time: 2026-03-01 to 2026-04-01",
        "Nothing was found.",
    } <= set(read.texts)


def test_all_text_is_escaped_and_nothing_is_loaded_or_run() -> None:
    evil = account(EVIL, hit=1, score=0.5, ranked=1, way=EVIL, shares={EVIL: 1.0}, arms={"graph": ArmRank(1, 1.0)})

    read = Reader(picture(recall(EVIL, entities=(EVIL,)), [evil], [account(EVIL, reason="limit", told=EVIL)]))

    assert not {"script", "img", "link", "iframe", "a", "style"} & set(read.tags)
    assert not any(name.startswith("on") or name in ("href", "src") for name, _ in read.attributes)
    assert EVIL in read.texts


def test_a_memory_that_got_no_score_is_drawn_without_one() -> None:
    read = Reader(picture(recall(), [], [account(reason="filtered", told="of another actor")]))

    assert "What you asked about" in read.texts
    assert "\N{EN DASH}" in read.texts

from __future__ import annotations

from typing import Any

import pytest

from duramen.retain.worker import Pace
from tests.conftest import engine
from tests.server.apps import asking
from tests.server.hindsight.conftest import Wire

QUESTION = "Where does Ada live?"
FACT = "Ada lives in Lisbon."


def test_a_result_has_all_that_clients_read(wire: Wire) -> None:
    wire.retain(
        FACT, context="talk", document_id="d/1", tags=["t"], metadata={"m": "x"}, timestamp="2025-03-01T10:00:00Z"
    )

    (found,) = wire.recall(QUESTION)["results"]

    assert 0.2 < found["scores"]["final"] <= 1.0
    assert isinstance(found["scores"]["semantic"], float)
    del found["scores"], found["id"], found["chunk_id"]
    assert found == {
        "text": FACT,
        "type": "world",
        "entities": ["Ada", "Lisbon"],
        "context": "talk",
        "occurred_start": "2025-03-01T10:00:00+00:00",
        "occurred_end": "2025-03-01T10:00:00+00:00",
        "mentioned_at": "2025-03-01T10:00:00+00:00",
        "document_id": "d/1",
        "metadata": {"m": "x"},
        "tags": ["t"],
        "source_fact_ids": None,
    }


async def test_what_is_not_ready_when_a_recall_gives_up_waiting_is_told() -> None:
    memory = engine(":memory:", catch_up_seconds=0.0, pace=Pace(linger_seconds=600))
    bank = "/v1/default/banks/b/memories"
    async with asking(memory) as client:
        await memory.retain("b", FACT)
        early = await client.post(f"{bank}/recall", json={"query": QUESTION, "trace": True})
        await memory.flush()
        later = await client.post(f"{bank}/recall", json={"query": QUESTION})

    assert early.headers["x-pending"] == "1"
    assert early.json()["trace"]["pending"] == 1
    assert (len(later.json()["results"]), "x-pending" in later.headers) == (1, False)


def test_entities_are_told_unless_they_are_null(wire: Wire) -> None:
    wire.retain(FACT)

    missing = wire.recall(QUESTION)
    empty = wire.recall(QUESTION, include={})
    wanted = wire.recall(QUESTION, include={"entities": {}})
    null = wire.recall(QUESTION, include={"entities": None})

    assert [sorted(one["entities"]) for one in (missing, empty, wanted)] == [["Ada", "Lisbon"]] * 3
    assert missing["entities"]["Ada"].keys() == {"entity_id", "canonical_name", "observations"}
    assert null["entities"] is None


def test_an_entity_of_a_result_is_found_by_its_id(wire: Wire) -> None:
    wire.retain(FACT)
    id = wire.recall(QUESTION)["entities"]["Ada"]["entity_id"]

    assert wire("GET", f"/entities/{id}").json()["canonical_name"] == "Ada"
    assert wire.listed(entity_id=id) == [FACT]


def test_names_beyond_the_tokens_for_entities_are_left_out(wire: Wire) -> None:
    wire.retain(FACT)

    assert list(wire.recall(QUESTION, include={"entities": {"max_tokens": 1}})["entities"]) == ["Ada"]


def test_nulls_for_all_that_is_optional_are_as_good_as_not_there(wire: Wire) -> None:
    wire.retain(FACT)
    names = ("types", "tags", "tag_groups", "query_timestamp", "min_scores", "temporal_window", "prefer_observations")
    more = dict.fromkeys(("budget", "max_tokens", "trace", "include", "tags_match"))

    assert wire.texts(QUESTION, **dict.fromkeys(names), **more) == [FACT]


def test_an_unknown_bank_knows_nothing(wire: Wire) -> None:
    assert wire.recall(QUESTION)["results"] == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"query": ""}, 422),
        ({"query": " ?! 🙂 "}, 422),
        ({"query": None}, 422),
        ({}, 422),
        ({"query": "word " * 501}, 400),
        ({"query": QUESTION, "types": ["fact"]}, 422),
        ({"query": QUESTION, "budget": "huge"}, 422),
        ({"query": QUESTION, "max_tokens": "many"}, 422),
        ({"query": QUESTION, "query_timestamp": "yesterday"}, 400),
        ({"query": QUESTION, "tags_match": "some"}, 422),
        ({"query": QUESTION, "tags": ["a"], "tag_groups": [{"tags": ["b"]}]}, 422),
        ({"query": QUESTION, "tag_groups": [{"tag": "a"}]}, 422),
        ({"query": QUESTION, "tag_groups": [{"tags": ["a"], "match": "most"}]}, 422),
        ({"query": QUESTION, "temporal_window": {"start": "2025-01-01"}}, 422),
        ({"query": QUESTION, "temporal_window": {"start": "2025-02-01", "end": "2025-01-01"}}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(wire: Wire, asked: dict[str, Any], status: int) -> None:
    wire.retain(FACT)

    answer = wire("POST", "/memories/recall", json=asked)

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_query_of_500_tokens_is_answered(wire: Wire) -> None:
    wire.retain(FACT)

    assert wire.texts(f"{'the ' * 490}{QUESTION}") == [FACT]


def test_types_choose(wire: Wire) -> None:
    wire.retain("User: Ada lives in Lisbon.\nAssistant: I told Ada where Lisbon is.")

    assert wire.texts(QUESTION, types=["world"]) == [FACT]
    assert wire.texts(QUESTION, types=["experience"]) == ["I told Ada where Lisbon is."]
    assert len(wire.texts(QUESTION, types=["world", "experience"])) == 2
    assert len(wire.texts(QUESTION, types=[])) == 2
    assert wire.texts(QUESTION, types=["opinion", "world"]) == [FACT]
    assert wire.texts(QUESTION, types=["opinion"]) == []


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("any", ["both", "one", "untagged"]),
        ("all", ["both", "untagged"]),
        ("any_strict", ["both", "one"]),
        ("all_strict", ["both"]),
        ("exact", ["both"]),
    ],
)
def test_tags_choose(wire: Wire, match: str, found: list[str]) -> None:
    tagged = {"both": ["a", "b"], "one": ["a"], "other": ["c"], "untagged": []}
    for name, tags in tagged.items():
        wire.retain(f"Ada lives in {name}.", tags=tags)

    texts = wire.texts(QUESTION, tags=["a", "b"], tags_match=match)

    assert sorted(texts) == [f"Ada lives in {name}." for name in found]


def test_no_tags_exactly_are_what_is_untagged(wire: Wire) -> None:
    wire.retain(FACT)
    wire.retain("Ada lives in Porto.", tags=["a"])

    assert wire.texts(QUESTION, tags=[], tags_match="exact") == [FACT]


def test_groups_of_tags_choose_and_a_leaf_is_strict(wire: Wire) -> None:
    wire.retain("Ada lives in Porto.", tags=["a"])
    wire.retain("Ada lives in Braga.", tags=["a", "b"])
    wire.retain(FACT)

    assert sorted(wire.texts(QUESTION, tag_groups=[{"tags": ["a"]}])) == ["Ada lives in Braga.", "Ada lives in Porto."]
    both = [{"or": [{"tags": ["a"]}, {"tags": ["c"]}]}, {"not": {"tags": ["b"]}}]
    assert wire.texts(QUESTION, tag_groups=both) == ["Ada lives in Porto."]


def test_texts_beyond_the_tokens_are_passed_over_and_the_rest_goes_on(wire: Wire) -> None:
    wire.retain(FACT, f"Ada lives in Lisbon, {'and more of that ' * 60}.", "Ada lives by the sea.")

    texts = wire.texts(QUESTION, max_tokens=20)

    assert sorted(texts) == ["Ada lives by the sea.", FACT]


@pytest.mark.parametrize("max_tokens", [0, 1])
def test_the_best_is_told_also_when_it_is_too_long(wire: Wire, max_tokens: int) -> None:
    wire.retain(FACT)

    assert wire.texts(QUESTION, max_tokens=max_tokens) == [FACT]


def test_low_scores_are_left_out(wire: Wire) -> None:
    wire.retain(FACT, "Bob plays the cello.")

    assert wire.texts(QUESTION, min_scores={"final": 0.4}) == [FACT]
    assert wire.texts(QUESTION, min_scores={"final": 1.1}) == []
    assert wire.texts(QUESTION, min_scores={"semantic": 0.4, "keyword": None}) == [FACT]


def test_the_anchor_of_a_query_is_what_yesterday_refers_to(wire: Wire) -> None:
    wire.retain("Ada ate fish.", timestamp="2025-03-01T12:00:00Z")
    wire.retain("Ada ate rice.", timestamp="2025-05-20T12:00:00Z")

    first = wire.texts("What did Ada eat yesterday?", query_timestamp="2025-03-02T12:00:00")[0]
    second = wire.texts("What did Ada eat yesterday?", query_timestamp="2025-05-21T12:00:00Z")[0]

    assert (first, second) == ("Ada ate fish.", "Ada ate rice.")


def test_a_window_puts_its_time_first_and_drops_nothing(wire: Wire) -> None:
    wire.retain("Ada ate fish.", timestamp="2025-03-01T12:00:00Z")
    wire.retain("Ada ate rice.", timestamp="2025-05-20T12:00:00Z")

    march = wire.texts("What did Ada eat?", temporal_window={"start": "2025-03-01", "end": "2025-04-01"})
    may = wire.texts("What did Ada eat?", temporal_window={"start": "2025-05-01", "end": "2025-06-01"})

    assert march == ["Ada ate fish.", "Ada ate rice."]
    assert may == ["Ada ate rice.", "Ada ate fish."]


def test_chunks_are_told_within_their_tokens(wire: Wire) -> None:
    wire.retain(FACT, document_id="d")

    whole = wire.recall(QUESTION, include={"chunks": {}})
    cut = wire.recall(QUESTION, include={"chunks": {"max_tokens": 2}})

    id = whole["results"][0]["chunk_id"]
    assert whole["chunks"] == {id: {"id": id, "text": FACT, "chunk_index": 0, "truncated": False}}
    assert cut["chunks"][id]["truncated"] is True
    assert FACT.startswith(cut["chunks"][id]["text"])


def test_a_trace_says_how_it_came_about(wire: Wire) -> None:
    wire.retain(FACT)

    trace = wire.recall(QUESTION, trace=True)["trace"]

    assert trace["query"]["text"] == QUESTION
    assert set(next(iter(trace["arms"].values()))) >= {"semantic", "keyword"}


def test_an_arm_that_a_bank_is_set_up_without_does_not_look(wire: Wire) -> None:
    wire.retain(FACT)
    wire("PATCH", "/config", json={"updates": {"enable_text_search": False}})

    (found,) = wire.recall(QUESTION)["results"]

    assert found["scores"]["keyword"] is None


def test_banks_do_not_see_each_other(wire: Wire) -> None:
    wire.retain(FACT)

    assert wire.of(f"{wire.bank}:other").texts(QUESTION) == []

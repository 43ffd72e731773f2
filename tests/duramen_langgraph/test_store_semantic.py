from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langgraph.store.base import GetOp, IndexConfig, PutOp, SearchOp

from duramen import BadInputError, HashingEmbedder, MemoryEngine
from duramen.errors import EmbedderError
from duramen_langgraph.store import DuramenStore
from tests.conftest import engine
from tests.duramen_langgraph.faces import HOME

WORDS = ("tea", "car", "house")


def counted(texts: Sequence[str]) -> list[list[float]]:
    """Embed by how often each of three words is in a text; not of unit length, and nothing at all for other words."""
    return [[float(text.count(word)) for word in WORDS] for text in texts]


async def counted_async(texts: Sequence[str]) -> list[list[float]]:
    await asyncio.sleep(0)
    return counted(texts)


class Model(Embeddings):
    """An embedder as LangChain has them; it keeps what it was asked."""

    def __init__(self, model: str = "first", words: Sequence[str] = WORDS) -> None:
        self.model = model
        self.asked: list[Any] = []
        self._words = words

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append(texts)
        return [[float(text.count(word)) for word in self._words] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return [float(text.count(word)) for word in self._words]


def index(embed: Any, **more: Any) -> IndexConfig:
    return {"dims": 3, "embed": embed, **more}  # type: ignore[typeddict-item]  # of any options, wrong ones too


@pytest.fixture(params=[counted, counted_async, Model()], ids=["function", "async function", "model"])
def words(request: pytest.FixtureRequest, of: Any, memory: MemoryEngine) -> Any:
    """Makes a store that counts words, by each kind of `embed`."""
    return lambda **more: of(DuramenStore(memory, index=index(request.param, **more)))


@pytest.fixture
async def tiny() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:") as opened:
        yield opened


# With the memory's own embedder


async def test_what_means_the_same_comes_first_with_a_score(of: Any, memory: MemoryEngine) -> None:
    face = of(DuramenStore(memory))
    await face.put(HOME, "tea", {"text": "likes green tea"})
    await face.put(HOME, "car", {"text": "drives a red car"})

    found = await face.search(("users",), query="red car")

    assert [item.key for item in found] == ["car", "tea"]
    assert 1.0 >= found[0].score > found[1].score >= -1.0


async def test_the_score_is_the_cosine_to_the_whole_value(of: Any, memory: MemoryEngine) -> None:
    face = of(DuramenStore(memory))
    await face.put(HOME, "tea", {"text": "green"})

    [hit] = await face.search(HOME, query='{"text": "green"}')

    assert hit.score == pytest.approx(1.0)


async def test_a_store_without_an_index_does_not_look_at_queries(of: Any, memory: MemoryEngine) -> None:
    face = of(DuramenStore(memory, index=False))
    await face.put(HOME, "tea", {"text": "tea"}, index=["text"])
    await face.put(HOME, "car", {"text": "car"})

    found = await face.search(HOME, query="tea")

    assert [(item.key, item.score) for item in found] == [("car", None), ("tea", None)]
    assert await memory.shelf.paths(("langgraph.store", "default", "vectors")) == []


async def test_what_a_store_without_an_index_changed_is_not_found_by_its_old_vectors(
    of: Any, memory: MemoryEngine
) -> None:
    indexed = of(DuramenStore(memory))
    await indexed.put(HOME, "a", {"text": "tea"})

    await of(DuramenStore(memory, index=False)).put(HOME, "a", {"text": "car"})

    assert [item.score for item in await indexed.search(HOME, query="tea")] == [None]


async def test_an_empty_query_is_none(of: Any, memory: MemoryEngine) -> None:
    face = of(DuramenStore(memory))
    await face.put(HOME, "tea", {"text": "tea"})

    assert [item.score for item in await face.search(HOME, query="")] == [None]


# With an `embed` of one's own


async def test_each_kind_of_embed_finds_by_meaning(words: Any) -> None:
    face = words()
    await face.batch([PutOp(HOME, word, {"text": f"{word} {word}"}) for word in WORDS])

    found = await face.search((), query="a house with a house and a car")

    assert [item.key for item in found] == ["house", "car", "tea"]
    assert [item.score for item in found] == pytest.approx([2 / 5**0.5, 1 / 5**0.5, 0.0])


async def test_only_the_fields_of_the_index_are_looked_at(words: Any) -> None:
    face = words(fields=["title", "chapters[*].text", "maker.name"])
    await face.put(HOME, "title", {"title": "tea", "body": "car"})
    await face.put(HOME, "chapter", {"chapters": [{"text": "house"}, {"text": "car"}]})
    await face.put(HOME, "maker", {"maker": {"name": "tea and car"}})
    await face.put(HOME, "none", {"body": "car"})

    found = await face.search((), query="car")

    assert [(item.key, item.score) for item in found] == [
        ("chapter", pytest.approx(1.0)),
        ("maker", pytest.approx(0.5**0.5)),
        ("title", pytest.approx(0.0)),
        ("none", None),
    ]


@pytest.mark.parametrize(
    ("paths", "score"),
    [
        (["body"], 1.0),
        (["title", "body"], 1.0),
        (["notes[-1]"], 1.0),
        (["notes[0]"], 0.0),
        (["notes[*]"], 1.0),
        (["*"], 1.0),
        (["{title,body}"], 1.0),
        (["$"], 2 / 13**0.5),
        (["missing"], None),
        ([], None),
        (False, None),
    ],
)
async def test_a_put_may_say_itself_what_is_indexed(words: Any, paths: Any, score: float | None) -> None:
    face = words(fields=["title"])

    await face.put(HOME, "a", {"title": "tea", "body": "car", "notes": ["house", "tea"]}, index=["title"])
    await face.put(HOME, "a", {"title": "tea", "body": "car", "notes": ["tea tea", "car"]}, index=paths)
    [hit] = await face.search((), query="car")

    assert hit.score == (None if score is None else pytest.approx(score))


async def test_what_has_no_vectors_comes_behind_the_rest_and_pages_go_on_into_it(words: Any) -> None:
    face = words()
    await face.put(HOME, "hidden", {"text": "tea"}, index=False)
    await face.put(HOME, "shown", {"text": "car tea"})
    await face.put(HOME, "newer", {"text": "tea"}, index=False)
    await face.put(HOME, "best", {"text": "tea"})

    all_of_them = await face.search((), query="tea")
    pages = [await face.keys((), query="tea", limit=limit, offset=at) for at, limit in ((0, 2), (1, 2), (2, 2), (4, 2))]

    assert [item.key for item in all_of_them] == ["best", "shown", "newer", "hidden"]
    assert [item.score is None for item in all_of_them] == [False, False, True, True]
    assert pages == [["best", "shown"], ["shown", "newer"], ["newer", "hidden"], []]


async def test_a_filter_and_a_prefix_hold_for_what_is_found_by_meaning(words: Any) -> None:
    face = words()
    for label in ("a", "ab"):
        for number in range(4):
            await face.put((label,), str(number), {"text": "tea " * number, "n": number})

    found = await face.search(("a",), query="tea", filter={"n": {"$gte": 1}}, limit=2, offset=1)

    assert [(item.namespace, item.key) for item in found] == [(("a",), "2"), (("a",), "3")]
    assert await face.keys(("a",), query="tea", filter={"n": 9}) == []


async def test_many_items_are_ranked_like_few(words: Any) -> None:
    face = words()
    await face.batch(
        [
            PutOp((f"{n % 7}",), f"{n:04}", {"text": f"{'tea ' * (n % 11)}{'car ' * (n % 5)}", "n": n})
            for n in range(2500)
        ]
    )

    found = await face.search((), query="tea", limit=2500)
    page = await face.search((), query="tea", limit=30, offset=1200)
    filtered = await face.search((), query="tea", filter={"n": {"$lt": 2200}}, limit=2500)

    scores = [item.score for item in found]
    # What has neither word is embedded as nothing, and scores 0 like what has only the other word.
    assert scores == sorted(scores, reverse=True)
    assert len({(item.namespace, item.key) for item in found}) == 2500
    assert page == found[1200:1230]
    assert filtered == [item for item in found if item.value["n"] < 2200]


async def test_one_batch_embeds_each_text_once_and_queries_as_queries(of: Any, tiny: MemoryEngine) -> None:
    model = Model()
    face = of(DuramenStore(tiny, index=index(model, fields=["text", "more"])))

    await face.batch(
        [
            PutOp(HOME, "a", {"text": "tea", "more": "tea"}),
            PutOp(HOME, "b", {"text": "tea", "more": "car"}),
            PutOp(HOME, "c", {"text": " "}),
            GetOp(HOME, "a"),
        ]
    )
    found = await face.batch([SearchOp((), query="tea"), SearchOp((), query="tea", limit=1), SearchOp((), query="car")])

    documents, *queries = model.asked
    assert documents == ["tea", "car"]
    assert sorted(queries) == ["car", "tea"]  # at once, in no order
    assert [[item.key for item in hits] for hits in found] == [["a", "b", "c"], ["a"], ["b", "a", "c"]]


async def test_vectors_of_another_model_are_not_compared_but_said(
    of: Any, memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    before = of(DuramenStore(memory, index=index(Model("first"))))
    await before.put(HOME, "old", {"text": "tea"})
    await before.put(HOME, "older", {"text": "car"})

    after = of(DuramenStore(memory, index=index(Model("second", ("house", "car", "tea")))))
    await after.put(HOME, "new", {"text": "car"})
    with caplog.at_level(logging.WARNING, "duramen.langgraph"):
        found = [[(item.key, item.score) for item in await after.search(HOME, query="tea")] for _ in range(2)]
    await after.put(HOME, "old", {"text": "tea"})

    assert found == [[("new", pytest.approx(0.0)), ("older", None), ("old", None)]] * 2
    assert [record.getMessage()[:30] for record in caplog.records] == ["2 of the 3 indexed items below"]
    assert [(item.key, item.score is None) for item in await after.search(HOME, query="tea")] == [
        ("old", False),
        ("new", False),
        ("older", True),
    ]


async def test_another_embedder_of_the_memory_is_noticed_too(of: Any, tmp_path: Any) -> None:
    async with engine(tmp_path, embedder=HashingEmbedder(64)) as memory:
        await of(DuramenStore(memory)).put(HOME, "old", {"text": "tea"})

    async with engine(tmp_path, embedder=HashingEmbedder(128)) as memory:
        [hit] = await of(DuramenStore(memory)).search(HOME, query="tea")

        assert (hit.key, hit.score) == ("old", None)


async def test_other_lengths_of_one_model_are_other_vectors(of: Any, memory: MemoryEngine) -> None:
    model = Model(words=("tea", "car"))
    await of(DuramenStore(memory, index={"embed": model})).put(HOME, "a", {"text": "tea"})

    [hit] = await of(DuramenStore(memory, index={"embed": Model()})).search(HOME, query="tea")

    assert hit.score is None


@pytest.mark.parametrize(
    "embed",
    [
        lambda texts: [[1.0, 2.0] for _ in texts],
        lambda texts: [[1.0, 2.0, 3.0]] * (len(texts) + 1),
        lambda texts: [],
        lambda texts: [["a", "b", "c"] for _ in texts],
        lambda texts: [1.0 for _ in texts],
        lambda texts: [[1.0, 2.0, float("nan")] for _ in texts],
        lambda texts: [[1.0, 2.0, 3.0], [1.0]][: len(texts)],
    ],
)
async def test_an_embed_that_gives_no_vectors_is_an_error_and_nothing_is_written(
    of: Any, tiny: MemoryEngine, embed: Any
) -> None:
    face = of(DuramenStore(tiny, index=index(embed)))

    with pytest.raises(EmbedderError, match="'embed'"):
        await face.batch([PutOp(HOME, "a", {"text": "one"}), PutOp(HOME, "b", {"text": "two"})])

    assert await face.namespaces() == []


async def test_what_embed_raises_is_raised_and_nothing_is_written(of: Any, tiny: MemoryEngine) -> None:
    def failing(texts: Sequence[str]) -> list[list[float]]:
        raise ConnectionError("no model")

    face = of(DuramenStore(tiny, index=index(failing)))

    with pytest.raises(ConnectionError):
        await face.batch([PutOp(HOME, "a", {"text": "tea"}), PutOp(HOME, "b", {"text": "tea"}, index=False)])
    await face.put(HOME, "c", {"text": "tea"}, index=False)

    assert await face.keys(HOME) == ["c"]


async def test_numpy_rows_and_no_dims_are_fine(of: Any, tiny: MemoryEngine) -> None:
    face = of(DuramenStore(tiny, index={"embed": lambda texts: np.array(counted(texts))}))  # type: ignore[arg-type]  # which langgraph's types do not say
    await face.put(HOME, "a", {"text": "tea"})

    [hit] = await face.search(HOME, query="tea tea")

    assert hit.score == pytest.approx(1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "openai",
        3,
        {},
        {"dims": 3},
        index(counted) | {"dims": 0},
        index(counted) | {"dims": "3"},
        index(counted, fields="text"),
        index(counted, fields=[1]),
    ],
)
async def test_an_index_that_cannot_be_used_is_refused(tiny: MemoryEngine, wrong: Any) -> None:
    with pytest.raises(BadInputError, match="Give"):
        DuramenStore(tiny, index=wrong)


@pytest.mark.parametrize("wrong", ["text", True, [1]])
async def test_paths_that_cannot_be_used_are_refused(of: Any, tiny: MemoryEngine, wrong: Any) -> None:
    face = of(DuramenStore(tiny))

    with pytest.raises(BadInputError, match="fields to index"):
        await face.put(HOME, "a", {"text": "tea"}, index=wrong)

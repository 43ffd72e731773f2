from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from duramen import HashingEmbedder, Item, MemoryEngine
from duramen.errors import BadFileError, BadInputError, EmbedderMismatchError
from duramen.moving import export, import_file
from duramen.moving.importing import IMPORTS
from duramen.shelf import Put
from tests.conftest import engine
from tests.moving.examples import ADA, BOB, STRATEGIES, body, fill, lines, rankings
from tests.simple_strategies import NOON

EVE = "user:eve"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("exported") / "all.jsonl"

    async def work() -> None:
        async with engine(":memory:", strategies=STRATEGIES) as memory:
            await fill(memory)
            await export(memory, None, path)

    asyncio.run(work())
    return path.read_bytes()


@pytest.fixture
def exported(tmp_path: Path, original: bytes) -> Path:
    path = tmp_path / "all.jsonl"
    path.write_bytes(original)
    return path


def made_of(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write other bytes in the place of those of a file."""
    path.write_bytes(change(path.read_bytes()))
    return path


def rewritten(path: Path, change: Callable[[list[dict[str, Any]]], Any]) -> Path:
    """Write a file with other lines, and an end line that fits them."""
    header, *rest, _ = lines(path)
    changed = [header, *rest]
    change(changed)
    raw = [json.dumps(line).encode() + b"\n" for line in changed]
    counts: dict[str, int] = {}
    for line in changed[1:]:
        counts[line["is"]] = counts.get(line["is"], 0) + 1
    end = {"is": "end", "lines": counts, "sha256": hashlib.sha256(b"".join(raw[1:])).hexdigest()}
    other = path.with_name("other.jsonl")
    other.write_bytes(b"".join(raw) + json.dumps(end).encode() + b"\n")
    return other


async def untouched(memory: MemoryEngine) -> bool:
    """Tell whether there is nothing in a memory."""
    return not (await memory.banks()).items and not await memory.shelf.paths(("duramen.banks",))


async def test_the_same_file_twice_is_one(exported: Path, address: str, tmp_path: Path) -> None:
    async with engine(address) as memory:
        await import_file(memory, exported)
        await memory.flush()
        before = await memory.version(ADA)
        again = await import_file(memory, exported)
        await memory.flush()
        await export(memory, None, tmp_path / "again.jsonl")

        assert await memory.version(ADA) == before

    assert (again.there, again.replaced, again.before) == ((ADA, BOB), 0, 0)
    assert body(tmp_path / "again.jsonl") == body(exported)


async def test_a_dry_run_says_what_would_come_and_changes_nothing(exported: Path) -> None:
    async with engine(":memory:") as memory:
        told = await import_file(memory, exported, dry_run=True, rename={BOB: "user:robert"})

        assert await untouched(memory)

    assert list(told.banks) == [ADA, "user:robert", EVE]
    assert told.banks["user:robert"]["event"] == 2
    assert (told.there, told.lines) == ((), len(lines(exported)))
    assert told.about["format"] == "duramen.export"


async def test_a_bank_comes_under_another_name_with_all_that_is_of_it(exported: Path, tmp_path: Path) -> None:
    there, back = tmp_path / "there.jsonl", tmp_path / "back.jsonl"
    async with engine(":memory:") as memory:
        await import_file(memory, exported, rename={ADA: "user:lovelace"})
        await memory.flush()
        profile = await memory.profiles.get("user:lovelace")
        sessions = (await memory.sessions.sessions("user:lovelace", "ada")).items
        recall = await memory.recall("user:lovelace", "Where does Ada live?")
        await export(memory, None, there)
    async with engine(":memory:") as memory:
        await import_file(memory, there, rename={"user:lovelace": ADA})
        await export(memory, None, back)

    assert (profile.name, profile.mission) == ("Ada's", "Remember where she lives.")
    assert [one.session for one in sessions] == ["s1"]
    assert recall.hits
    assert ADA not in there.read_text()
    assert body(back) == body(exported)


async def test_invalid_memories_come_back_under_another_name_too(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with engine(":memory:") as memory:
        await memory.retain(ADA, "Ada drinks coffee. She lives in Porto.", key="k1", wait=True)
        (first, *_) = (await memory.memories(ADA)).items
        await memory.curation.invalidate(ADA, first.id, reason="wrong")
        await export(memory, None, path)

    async with engine(":memory:") as memory:
        await import_file(memory, path, rename={ADA: BOB})
        await memory.flush()
        (invalid,) = await memory.curation.invalidated(BOB)
        restored = await memory.curation.restore(BOB, invalid.memory.id)

    assert (invalid.memory.bank, invalid.reason) == (BOB, "wrong")
    assert restored.text == first.text


async def test_names_that_fit_nothing_or_meet_are_refused(exported: Path) -> None:
    async with engine(":memory:") as memory:
        with pytest.raises(BadInputError, match="There is no bank 'user:nobody'"):
            await import_file(memory, exported, rename={"user:nobody": "user:x"})
        with pytest.raises(BadInputError, match="Two banks would be called 'user:bob'"):
            await import_file(memory, exported, rename={ADA: BOB})

        assert await untouched(memory)


def killed_after(batches: int, directory: Path, path: Path) -> list[int]:
    """Import a file in a process of its own, and kill that after some batches; return the lines that were done by then."""
    command = [sys.executable, "-m", "tests.moving.kill_import", str(directory), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        seen = [int(process.stdout.readline()) for _ in range(batches)]
        process.kill()
    return seen


async def scores(memory: MemoryEngine, bank: str) -> list[list[float]]:
    """Return the scores of what is recalled: of memories that are all alike, the first that were made come first."""
    return [[score for _, score in answered] for answered in await rankings(memory, bank)]


async def test_a_killed_import_goes_on_where_it_was(tmp_path: Path) -> None:
    path, directory = tmp_path / "all.jsonl", tmp_path / "target"
    async with engine(tmp_path / "source", strategies=STRATEGIES) as memory:
        await fill(memory)
    async with engine(tmp_path / "source") as memory:
        birds = [Item(content=f"Eve counted {place} birds in June.", key=f"k{place}") for place in range(800)]
        await memory.retain(EVE, [replace(one, occurred=NOON) for one in birds])
        await memory.flush()
        await export(memory, None, path)
        expected = [await rankings(memory), await scores(memory, EVE)]

    seen = await asyncio.to_thread(killed_after, 8, directory, path)
    async with engine(directory) as memory:
        noted = await memory.shelf.scan(IMPORTS)
        told = await import_file(memory, path)
        await memory.flush()
        found = [await rankings(memory), await scores(memory, EVE)]
        await export(memory, None, tmp_path / "again.jsonl")
        left = await memory.shelf.scan(IMPORTS)

    assert seen[-1] <= told.before < told.lines
    assert (len(noted), left) == (1, [])
    assert body(tmp_path / "again.jsonl") == body(path)
    assert found == expected


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.99])
async def test_a_file_that_was_cut_off_is_refused(exported: Path, keep: float) -> None:
    cut = made_of(exported, lambda raw: raw[: int(len(raw) * keep)])

    async with engine(":memory:") as memory:
        with pytest.raises(BadFileError, match="cut off") as caught:
            await import_file(memory, cut)

        assert await untouched(memory)
    assert caught.value.line == cut.read_text().count("\n") + 1


async def test_a_file_without_its_end_is_refused(exported: Path) -> None:
    made_of(exported, lambda raw: b"".join(raw.splitlines(keepends=True)[:-1]))

    async with engine(":memory:") as memory:
        with pytest.raises(BadFileError, match="no end line"):
            await import_file(memory, exported)

        assert await untouched(memory)


async def test_a_packed_file_that_was_cut_off_is_refused(exported: Path) -> None:
    made_of(exported, lambda raw: gzip.compress(raw)[:-200])

    async with engine(":memory:") as memory:
        with pytest.raises(BadFileError, match="cut off or damaged"):
            await import_file(memory, exported)


async def test_a_line_that_was_changed_is_refused(exported: Path) -> None:
    made_of(exported, lambda raw: raw.replace(b"lives in Lisbon", b"lives in London"))

    async with engine(":memory:") as memory:
        with pytest.raises(BadFileError, match="its lines are not those that were written"):
            await import_file(memory, exported)

        assert await untouched(memory)


def _newer(changed: list[dict[str, Any]]) -> None:
    changed[0]["version"] = 2


DAMAGES: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], int, str]] = {
    "newer": (_newer, 1, "version 2, written by Duramen"),
    "another format": (lambda changed: changed[0].update(format="x"), 1, "no file that `duramen export` wrote"),
    "an unknown kind of line": (lambda changed: changed[2].update({"is": "song"}), 3, "of the kind 'song'"),
    "no content": (lambda changed: changed[2].pop("content"), 3, "content"),
    "a number for text": (lambda changed: changed[2].update(content=7), 3, "TypeError"),
    "no time": (lambda changed: changed[2].update(mentioned="soon"), 3, "ValueError"),
    "another kind of memory": (lambda changed: changed[2].update(kind="dream"), 3, "an unknown kind 'dream'"),
    "no list of tags": (lambda changed: changed[2].update(tags="home"), 3, "TypeError"),
    "something of no bank": (lambda changed: changed.pop(1), 2, "of no bank"),
    "a bank without a name": (lambda changed: changed[1].update(bank=" "), 2, "a bank without a name"),
    "an entry of another bank": (
        lambda changed: changed[-1].update(path=["duramen.banks", "user:other", "profile"]),
        -1,
        "among those of bank",
    ),
    "an entry of no bank": (lambda changed: changed[-1].update(path=["duramen.keys"]), -1, "among those of bank"),
}


@pytest.mark.parametrize(("change", "line", "why"), DAMAGES.values(), ids=DAMAGES.keys())
async def test_what_is_not_understood_is_refused_with_its_line(
    exported: Path, change: Callable[[list[dict[str, Any]]], Any], line: int, why: str
) -> None:
    damaged = rewritten(exported, change)

    async with engine(":memory:") as memory:
        with pytest.raises(BadFileError, match=why) as caught:
            await import_file(memory, damaged)

        assert await untouched(memory)
    assert caught.value.line == (line if line > 0 else len(lines(damaged)) + line)


async def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    async with engine(":memory:") as memory:
        for raw in (b"", b"hello\n", b"\xff\xfe\n", b"[1]\n"):
            other.write_bytes(raw)
            with pytest.raises(BadFileError):
                await import_file(memory, other)
        with pytest.raises(BadFileError, match="cannot be read"):
            await import_file(memory, tmp_path / "missing.jsonl")


async def test_fields_of_a_later_minor_version_are_passed_over(exported: Path) -> None:
    other = rewritten(exported, lambda changed: changed[2].update(colour="blue"))

    async with engine(":memory:") as memory:
        told = await import_file(memory, other)

    assert told.banks[ADA]["event"] > 0


async def test_an_export_moves_between_embedders(exported: Path) -> None:
    async with engine(":memory:", embedder=HashingEmbedder(dimensions=64)) as memory:
        await import_file(memory, exported)
        await memory.flush()
        recall = await memory.recall(ADA, "What does Ada drink?")
        version = await memory.version(ADA)

    assert "tea" in recall.hits[0].memory.text
    assert recall.made
    assert version is not None
    assert version.dimensions == 64


async def test_a_bank_of_another_embedder_is_refused_before_anything_is_done(exported: Path, tmp_path: Path) -> None:
    async with engine(tmp_path / "m", embedder=HashingEmbedder(dimensions=64)) as memory:
        await memory.retain(BOB, "I live in Bern.", wait=True)

    async with engine(tmp_path / "m") as memory:
        with pytest.raises(EmbedderMismatchError):
            await import_file(memory, exported)

        assert [one.name for one in (await memory.banks()).items] == [BOB]


async def test_what_is_there_and_not_in_the_file_stays(exported: Path) -> None:
    async with engine(":memory:") as memory:
        await memory.retain(ADA, "Ada plays chess.", key="chess")
        await memory.retain(ADA, "Ada lives in Rome.", key="k1")
        await memory.shelf.write([Put(path=("mine",), key="k", value=b"v")])

        told = await import_file(memory, exported)
        await memory.flush()

        contents = [one.content for one in (await memory.events(ADA)).items]
        kept = await memory.shelf.scan(("mine",))

    assert (told.there, told.replaced) == ((ADA,), 1)
    assert "Ada plays chess." in contents
    assert "Ada lives in Lisbon." in contents
    assert "Ada lives in Rome." not in contents
    assert [one.value for one in kept] == [b"v"]


async def test_progress_counts_lines_up_to_all(exported: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with engine(":memory:") as memory:
        told = await import_file(memory, exported, progress=lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert seen[-1] == (told.lines, told.lines)

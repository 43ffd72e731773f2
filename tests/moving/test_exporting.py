from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

import duramen
from duramen import MemoryEngine
from duramen.errors import BadQueryError, NotFoundError, StoreUnavailableError, UnsupportedError
from duramen.moving import export, import_file
from duramen.retain.worker import Pace
from duramen.tasks.records import DUE
from tests.conftest import engine
from tests.moving.examples import ADA, BOB, STRATEGIES, body, fill, lines, of_kind, rankings


async def filled(address: str) -> MemoryEngine:
    memory = engine(address, strategies=STRATEGIES)
    await fill(memory)
    return memory


LAZY = Pace(linger_seconds=60.0)


def files_in(directory: Path) -> list[str]:
    return sorted(one.name for one in directory.iterdir() if one.is_file())


async def test_what_is_exported_and_imported_is_exported_alike(address: str, tmp_path: Path) -> None:
    source = await filled(address)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl.gz"

    told = await export(source, None, first)
    async with engine(str(tmp_path / "other"), strategies=STRATEGIES) as target:
        taken = await import_file(target, first)
        again = await export(target, None, second)
        await target.wait_idle()
        same = await rankings(target) == await rankings(source)
    await source.aclose()

    assert told.banks == ("user:ada", "user:bob", "user:eve")
    assert set(told.lines) == {"bank", "event", "memory", "revision", "job", "entry"}
    assert body(second) == body(first)
    assert again == told
    assert {bank: dict(counts) for bank, counts in taken.banks.items()}["user:eve"] == {"bank": 1, "entry": 1}
    assert same


async def test_undoing_and_history_survive(address: str, tmp_path: Path) -> None:
    source = await filled(address)
    path = tmp_path / "all.jsonl"
    await export(source, [ADA], path)
    told = (await source.revisions(ADA)).items
    await source.aclose()

    async with engine(":memory:") as target:
        await import_file(target, path)
        await target.flush()
        revisions = (await target.revisions(ADA)).items
        replaced = next(one for one in revisions if one.decision in ("update", "supersede"))
        await target.undo(ADA, replaced.number)
        memories = {one.id: one for one in (await target.memories(ADA, namespace="/")).items}
        history = await target.documents.history(ADA, "letter")

    assert [(one.decision, one.memory, one.at) for one in revisions] == [
        (one.decision, one.memory, one.at) for one in told
    ]
    assert memories[str(replaced.other)].superseded is None
    assert [one["action"] for one in history] == ["created"]


async def test_strategies_do_not_work_imported_events_through_again(address: str, tmp_path: Path) -> None:
    source = await filled(address)
    path = tmp_path / "all.jsonl"
    await export(source, None, path)
    before = (await source.revisions(ADA)).items
    await source.aclose()

    async with engine(":memory:", strategies=STRATEGIES) as target:
        await import_file(target, path)
        await target.wait_idle(finish=True)
        after = (await target.revisions(ADA)).items
        states = {job.state for job in (await target.jobs(ADA)).items}
        version = await target.version(ADA)

    assert len(after) == len(before)
    assert states == {"done"}
    assert version is not None
    assert version.embedder == target.embedder


async def test_one_bank_leaves_the_others_out(address: str, tmp_path: Path) -> None:
    source = await filled(address)
    path = tmp_path / "bob.jsonl"

    told = await export(source, [BOB], path)
    await source.aclose()

    assert told.banks == (BOB,)
    assert [line["content"] for line in of_kind(path, "event")] == ["I live in Bern.", "Noted."]
    assert "Ada" not in path.read_text()


async def test_what_is_pending_is_exported_too(tmp_path: Path) -> None:
    async with engine(":memory:", strategies=STRATEGIES, pace=LAZY) as memory:
        await memory.retain(ADA, "Ada lives in Lisbon.", key="k1")
        await export(memory, None, tmp_path / "all.jsonl")
        await memory.wait_idle()

    assert [line["key"] for line in of_kind(tmp_path / "all.jsonl", "event")] == ["k1"]
    assert {line["strategy"] for line in of_kind(tmp_path / "all.jsonl", "job")} == {"homes", "notes"}


async def test_a_job_that_waited_is_done_where_it_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with engine(":memory:", strategies=STRATEGIES, pace=LAZY) as memory:
        await memory.retain(ADA, "Ada lives in Lisbon.", key="k1")
        await export(memory, None, path)
        await memory.wait_idle()

    async with engine(":memory:", strategies=STRATEGIES) as target:
        await import_file(target, path)
        await target.wait_idle()
        made = (await target.memories(ADA, namespace="/")).items

    assert len(made) == 2


async def test_webhooks_come_without_what_only_their_receiver_is_to_know(tmp_path: Path) -> None:
    bare, whole = tmp_path / "bare.jsonl", tmp_path / "whole.jsonl"
    async with engine(":memory:") as memory:
        hook = await memory.webhooks.create(
            ADA, "https://93.184.216.34/x", secret="hush-hush", headers={"X-Token": "t0ken"}
        )
        plain = await memory.webhooks.create(ADA, "https://93.184.216.34/y")
        await export(memory, None, bare)
        await export(memory, None, whole, secrets=True)

    async with engine(":memory:") as target:
        await import_file(target, bare)
        kept, other = await target.webhooks.get(ADA, hook.id), await target.webhooks.get(ADA, plain.id)
    async with engine(":memory:") as target:
        await import_file(target, whole)
        same = await target.webhooks.get(ADA, hook.id)

    assert kept is not None
    assert other == plain
    assert (kept.url, kept.secret, kept.headers, kept.enabled) == (hook.url, None, {}, False)
    assert "hush-hush" not in bare.read_text()
    assert "t0ken" not in bare.read_text()
    assert same == hook


async def test_a_task_that_has_not_ended_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    async with engine(":memory:") as memory:
        task = await memory.tasks.submit(ADA, "later", {"n": 1})
        await export(memory, None, path)

    async with engine(":memory:") as target:
        done = asyncio.Event()

        async def work(task: object, report: object) -> dict[str, int]:
            done.set()
            return {"n": 2}

        target.tasks.register("later", work)
        await import_file(target, path, rename={ADA: BOB})
        ended = await target.tasks.wait(BOB, task.id, seconds=10)
        left = await target.shelf.scan(DUE)

    assert (ended.state, ended.result) == ("completed", {"n": 2})
    assert left == []


async def test_an_unknown_bank_is_an_error_and_no_file(tmp_path: Path) -> None:
    async with engine(":memory:") as memory:
        await memory.retain(ADA, "Hello there.")

        with pytest.raises(NotFoundError):
            await export(memory, ["user:nobody"], tmp_path / "all.jsonl")

    assert files_in(tmp_path) == []


async def test_an_export_that_breaks_off_leaves_no_file_and_the_old_one(address: str, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("before")

    def stop(done: int, total: int) -> None:
        raise BadQueryError("enough")

    async with engine(address) as memory:
        await memory.retain(ADA, "Hello there.")
        with pytest.raises(BadQueryError):
            await export(memory, None, path, progress=stop)

    assert path.read_text() == "before"
    assert files_in(tmp_path) == ["all.jsonl"]


async def test_a_place_that_cannot_be_written_is_a_typed_error(tmp_path: Path) -> None:
    async with engine(":memory:") as memory:
        await memory.retain(ADA, "Hello there.")

        with pytest.raises(StoreUnavailableError, match=r"cannot be written"):
            await export(memory, None, tmp_path / "missing" / "all.jsonl")


async def test_an_open_file_is_written_to(tmp_path: Path) -> None:
    file = io.BytesIO()
    async with engine(":memory:") as memory:
        await memory.retain(ADA, "Hello there.")

        await export(memory, None, file)

    (tmp_path / "all.jsonl").write_bytes(file.getvalue())
    header, *_, end = lines(tmp_path / "all.jsonl")
    assert (header["format"], header["version"], header["embedder"]) == ("duramen.export", 1, memory.embedder)
    assert end["lines"] == {"bank": 1, "event": 1}


async def test_progress_counts_events_up_to_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with engine(":memory:") as memory:
        for place in range(3):
            await memory.retain(ADA, f"Hello {place}.")

        await export(memory, None, tmp_path / "x.jsonl", progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (3, 3)


async def test_a_memory_behind_a_server_is_refused(tmp_path: Path) -> None:
    memory = duramen.open("http://127.0.0.1:9")

    with pytest.raises(UnsupportedError):
        await export(memory, None, tmp_path / "all.jsonl")

from dataclasses import replace
from pathlib import Path

import pytest

from duramen import MemoryEngine
from duramen.errors import BadInputError, BadQueryError
from duramen.evaluation import Case, Data, Material, compared, evaluate, first, read, run, unfindable
from duramen.evaluation.running import AT_ONCE, retain
from duramen.types import Item
from tests.conftest import engine
from tests.evaluation.talk import LOCOMO, haystack, written

BANK = "user:runa"


@pytest.fixture
async def kept(memory: MemoryEngine) -> MemoryEngine:
    await memory.retain(BANK, "Runa bought a kiln.", key="kiln", session="may", wait=True)
    await memory.retain(BANK, "The first bowl cracked.", key="bowl", session="june", wait=True)
    return memory


async def test_what_is_recalled_is_compared_with_what_was_expected(kept: MemoryEngine) -> None:
    (found,) = (await kept.memories(BANK, key="bowl")).items
    case = Case(
        question="Which was the first bowl that cracked in the kiln?",
        keys=("bowl", "vase"),
        memories=(found.id,),
        contains=("KILN",),
        sessions=("june",),
    )

    report = await evaluate(kept, [case], bank=BANK)

    (result,) = report.results
    assert result.places == (1, None, 1, 2)
    assert result.sessions == (1,)
    assert result.confident
    assert result.tokens > 0
    assert [hit.key for hit in result.found] == ["bowl", "kiln"]
    assert {"embed", "keyword"} <= result.milliseconds.keys()


async def test_nothing_is_retained_by_an_evaluation(kept: MemoryEngine) -> None:
    before = await kept.version(BANK)

    await evaluate(kept, [Case(question="Which bowl?", keys=("bowl",))] * 3, bank=BANK)

    assert await kept.version(BANK) == before
    assert len((await kept.banks()).items) == 1


async def test_options_of_recall_are_passed_on_and_told(kept: MemoryEngine) -> None:
    case = Case(question="Which bowl cracked?", keys=("kiln",))

    report = await evaluate(kept, [case], bank=BANK, limit=1)

    assert report.results[0].places == (None,)
    assert report.asked == {"limit": 1}


async def test_an_option_that_makes_no_sense_is_an_error(kept: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="limit"):
        await evaluate(kept, [Case(question="Which bowl?", keys=("bowl",))], bank=BANK, limit=0)


async def test_a_case_is_asked_to_its_own_bank_first(kept: MemoryEngine) -> None:
    await kept.retain("user:pavel", "A bowl of soup.", key="soup", wait=True)
    case = Case(question="Which bowl?", bank="user:pavel", keys=("soup",))

    report = await evaluate(kept, [case], bank=BANK)

    assert report.results[0].places == (1,)


async def test_a_case_without_a_bank_is_an_error(kept: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="names no bank"):
        await evaluate(kept, [Case(question="Which bowl?", keys=("bowl",))])


async def test_no_cases_are_an_error(kept: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="no questions"):
        await evaluate(kept, [], bank=BANK)
    with pytest.raises(BadInputError, match="no questions"):
        await run(kept, Data(format="own", materials=[]), {"": {}})


async def test_conversations_are_retained_and_asked_once_for_each_of_the_settings(
    memory: MemoryEngine, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int | None]] = []
    data = read(written(tmp_path / "talk.json", LOCOMO))

    one, all_of_them = await run(
        memory, data, {"1": {"limit": 1}, "20": {}}, progress=lambda *progress: told.append(progress)
    )

    assert [bank.name for bank in (await memory.banks()).items] == ["choir", "kiln"]
    assert len(one.results) == len(all_of_them.results) == 8
    assert all_of_them.scores(all_of_them.levels[0])["recall@10"].value == 1.0
    assert (one.asked["limit"], all_of_them.asked["limit"]) == (1, 20)
    assert compared(one, all_of_them).paired == 8
    assert ("questions", 16, 16) in told
    assert ("retained", 3, 3) in told


async def test_the_bank_of_a_haystack_is_gone_when_its_question_was_asked(memory: MemoryEngine, tmp_path: Path) -> None:
    data = read(written(tmp_path / "haystacks.json", [haystack("q1"), haystack("q2_abs")]))

    (report,) = await run(memory, data, {"": {}})

    assert (await memory.banks()).items == ()
    sessions, turns = report.levels
    assert (sessions.name, turns.name) == ("sessions", "turns")
    assert report.scores(sessions)["recall_all@5"].value == 1.0
    assert report.scores(sessions)["recall_all@5"].n == 1
    assert report.scores(turns)["ndcg_any@5"].value == 1.0


async def test_only_the_first_questions_are_asked_and_only_what_they_need_is_retained(
    memory: MemoryEngine, tmp_path: Path
) -> None:
    data = first(read(written(tmp_path / "talk.json", LOCOMO)), 2)

    (report,) = await run(memory, data, {"": {}})

    assert len(report.results) == 2
    assert [bank.name for bank in (await memory.banks()).items] == ["kiln"]


async def test_what_is_not_in_the_bank_is_named(kept: MemoryEngine) -> None:
    (bowl,) = (await kept.memories(BANK, key="bowl")).items
    there = Case(question="?", keys=("bowl",), memories=(bowl.id,), contains=("bowl CRACKED",))
    missing = replace(there, keys=("kiln", "vase"), memories=("m1",), contains=("broke",))

    assert await unfindable(kept, [there], bank=BANK) == []
    assert await unfindable(kept, [there, missing], bank=BANK) == [
        "no item has the key 'vase'",
        "no memory has the id 'm1'",
        "no memory contains 'broke'",
    ]


async def test_a_material_may_be_asked_in_banks_that_are_there_already(kept: MemoryEngine) -> None:
    data = Data(format="own", materials=[Material(cases=[Case(question="Which bowl?", keys=("bowl",))])])

    (report,) = await run(kept, data, {"": {}}, bank=BANK)

    assert report.results[0].places == (1,)


async def test_more_items_than_one_retain_takes_are_all_kept(tmp_path: Path) -> None:

    told: list[int] = []
    async with engine(tmp_path / "memory") as memory:
        await retain(
            memory,
            BANK,
            [Item(content=f"Bowl {number}.", key=str(number)) for number in range(AT_ONCE + 5)],
            progress=lambda _what, done, _of: told.append(done),
        )

        assert (await memory.banks()).items[0].memories == AT_ONCE + 5
        assert told[-1] == AT_ONCE + 5

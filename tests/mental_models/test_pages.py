"""Pages in a tree of folders."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from duramen.errors import BadInputError, ConflictError, NotFoundError
from duramen.mental_models.pages import Branch
from tests.mental_models.working import ADA, Working, working

LIVES = "Where does Ada live?"


def drawn(branches: Any, depth: int = 0) -> list[str]:
    """Return a tree as lines, two spaces a level."""
    lines = []
    for one in branches:
        lines.append(f"{'  ' * depth}{one.name}{'/' if one.kind == 'folder' else ''}")
        lines += drawn(one.children, depth + 1)
    return lines


async def planted(work: Working) -> tuple[Branch, Branch, str]:
    """Make a folder in a folder, and a page in that."""
    outer = await work.pages.create_folder(ADA, "Work")
    inner = await work.pages.create_folder(ADA, "Plans", parent=outer.id)
    page, task = await work.pages.create_page(ADA, "Home", LIVES, parent=inner.id)
    await work.done(task)
    return outer, inner, page.id


async def test_a_page_is_a_mental_model_in_a_folder(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        _, inner, id = await planted(work)

        page = await work.pages.get_page(ADA, id)

        assert (page.content, page.parent, page.page) == ("2026-03-02, Ada: I live in Lisbon.", inner.id, True)
        assert page == await work.models.get(ADA, id)
        assert page.trigger == {"mode": "delta", "refresh_after_consolidation": True}
        assert await work.models.list(ADA, pages=False) == ([], 0)


async def test_the_tree_has_folders_first_and_then_pages_by_name(address: str) -> None:
    async with working(address) as work:
        await planted(work)
        await work.pages.create_page(ADA, "Beach", "Which beach?")
        await work.pages.create_folder(ADA, "Archive")

        tree = await work.pages.tree(ADA)

        assert drawn(tree) == ["Archive/", "Work/", "  Plans/", "    Home", "Beach"]
        assert tree[2].page is not None
        assert await work.pages.tree("user:bob") == []


async def test_a_bank_may_say_what_a_new_page_is_triggered_by(address: str) -> None:
    async with working(address) as work:
        await work.profiles.save(ADA, config={"knowledge_page_default_trigger": {"refresh_cron": "0 6 * * *"}})

        usual, _ = await work.pages.create_page(ADA, "Home", LIVES)
        own, _ = await work.pages.create_page(ADA, "Other", LIVES, trigger={"mode": "full"})

    assert (usual.trigger, own.trigger) == ({"refresh_cron": "0 6 * * *"}, {"mode": "full"})


async def test_no_two_in_a_folder_have_one_name(address: str) -> None:
    async with working(address) as work:
        outer, inner, _ = await planted(work)

        for parent, name in ((None, "Work"), (outer.id, "Plans"), (inner.id, "Home")):
            with pytest.raises(ConflictError, match=f"called '{name}' in that folder"):
                await work.pages.create_folder(ADA, name, parent=parent)
            with pytest.raises(ConflictError):
                await work.pages.create_page(ADA, name, LIVES, parent=parent)
        await work.pages.create_folder(ADA, "Work", parent=outer.id)

        assert (await work.models.list(ADA))[1] == 1


async def test_of_several_that_take_one_name_at_once_one_gets_it(address: str) -> None:
    async with working(address) as work:
        made = await asyncio.gather(*(work.pages.create_folder(ADA, "Work") for _ in range(5)), return_exceptions=True)

        assert sorted(isinstance(one, ConflictError) for one in made) == [False, True, True, True, True]
        assert drawn(await work.pages.tree(ADA)) == ["Work/"]


async def test_nodes_are_renamed_and_moved(address: str) -> None:
    async with working(address) as work:
        outer, inner, id = await planted(work)

        await work.pages.update_node(ADA, inner.id, name="Dreams", parent=None)
        page = await work.pages.update_node(ADA, id, name="Flat", parent=outer.id, query="Which flat?")

        assert drawn(await work.pages.tree(ADA)) == ["Dreams/", "Work/", "  Flat"]
        assert page.page is not None
        assert (page.page.name, page.page.query, page.page.parent) == ("Flat", "Which flat?", outer.id)


async def test_a_page_that_is_renamed_as_a_mental_model_is_renamed_in_the_tree(address: str) -> None:
    async with working(address) as work:
        _, inner, id = await planted(work)
        await work.pages.create_folder(ADA, "Flat", parent=inner.id)

        with pytest.raises(ConflictError):
            await work.models.update(ADA, id, name="Flat")
        await work.models.update(ADA, id, name="House")

        assert drawn(await work.pages.tree(ADA)) == ["Work/", "  Plans/", "    Flat/", "    House"]


async def test_a_folder_cannot_stand_in_itself(address: str) -> None:
    async with working(address) as work:
        outer, inner, id = await planted(work)

        for parent in (outer.id, inner.id):
            with pytest.raises(ConflictError, match="in itself"):
                await work.pages.update_node(ADA, outer.id, parent=parent)
        with pytest.raises(NotFoundError, match="no folder"):
            await work.pages.update_node(ADA, inner.id, parent=id)

        assert drawn(await work.pages.tree(ADA)) == ["Work/", "  Plans/", "    Home"]


async def test_two_folders_moved_into_each_other_at_once_do_not_vanish(address: str) -> None:
    async with working(address) as work:
        one, other = [await work.pages.create_folder(ADA, name) for name in ("One", "Other")]

        moved = await asyncio.gather(
            work.pages.update_node(ADA, one.id, parent=other.id),
            work.pages.update_node(ADA, other.id, parent=one.id),
            return_exceptions=True,
        )

        assert sorted(isinstance(result, ConflictError) for result in moved) == [False, True]
        assert len(drawn(await work.pages.tree(ADA))) == 2


async def test_folders_do_not_stand_too_deep_in_each_other(address: str) -> None:
    async with working(address) as work:
        parent: str | None = None
        for depth in range(20):
            parent = (await work.pages.create_folder(ADA, f"f{depth}", parent=parent)).id

        with pytest.raises(ConflictError, match="20 deep"):
            await work.pages.create_folder(ADA, "one more", parent=parent)


async def test_a_folder_is_deleted_with_all_in_it(address: str) -> None:
    async with working(address) as work:
        outer, _, id = await planted(work)
        other, _ = await work.pages.create_page(ADA, "Beach", "Which beach?")

        deleted = await work.pages.delete_node(ADA, outer.id)

        assert (deleted, drawn(await work.pages.tree(ADA))) == (1, ["Beach"])
        with pytest.raises(NotFoundError):
            await work.models.get(ADA, id)
        assert await work.pages.delete_node(ADA, other.id) == 1
        assert await work.models.list(ADA) == ([], 0)


async def test_a_page_that_is_deleted_as_a_mental_model_is_gone_from_the_tree(address: str) -> None:
    async with working(address) as work:
        _, _, id = await planted(work)

        await work.models.delete(ADA, id)

        assert drawn(await work.pages.tree(ADA)) == ["Work/", "  Plans/"]


async def test_pages_are_found_by_words_in_name_and_content(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        await planted(work)
        await work.pages.create_page(ADA, "Fishing boats", "Which boats are there?")
        await work.models.create(ADA, "Lisbon", LIVES)

        lisbon = await work.pages.search(ADA, "Lisbon")
        boats = await work.pages.search(ADA, "fishing boats", limit=1)
        again = await work.pages.search(ADA, "fishing boats", limit=1)

        assert [(one.page.name, one.snippet) for one in lisbon] == [("Home", "2026-03-02, Ada: I live in Lisbon.")]
        assert [one.page.name for one in boats] == ["Fishing boats"]
        assert [one.page.id for one in again] == [one.page.id for one in boats]  # a refresh may come between
        assert all(0.0 < one.score <= 1.0 for one in (*lisbon, *boats))
        assert await work.pages.search("user:bob", "Lisbon") == []


async def test_pages_are_exported_as_markdown_by_path(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        _, inner, id = await planted(work)
        for name in ("a/b", "a:b", "A-B", "..", "."):
            await work.pages.create_page(ADA, name, LIVES, parent=inner.id, tags=["x"])

        files = await work.pages.export(ADA)

        assert len(files) == 6
        assert len({path.casefold() for path in files}) == 6
        assert all(path.startswith("Work/Plans/") and path.count("/") == 2 for path in files)
        home = files["Work/Plans/Home.md"]
        assert home.startswith(f'---\nid: "{id}"\nname: "Home"\ndescription: "{LIVES}"\ntags: []\ntimestamp: "')
        assert home.endswith("---\n\n# Home\n\n2026-03-02, Ada: I live in Lisbon.\n")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a" * 201])
async def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    async with working(":memory:") as work:
        with pytest.raises(BadInputError):
            await work.pages.create_folder(ADA, name)
        with pytest.raises(BadInputError):
            await work.pages.create_page(ADA, name, LIVES)


async def test_what_makes_no_sense_is_refused(address: str) -> None:
    async with working(address) as work:
        outer, _, _ = await planted(work)

        with pytest.raises(BadInputError, match="nothing else"):
            await work.pages.update_node(ADA, outer.id, query="Why?")
        with pytest.raises(BadInputError):
            await work.pages.search(ADA, " ")
        with pytest.raises(NotFoundError):
            await work.pages.get_page(ADA, outer.id)
        with pytest.raises(NotFoundError):
            await work.pages.create_page(ADA, "Page", LIVES, parent="nowhere")
        with pytest.raises(NotFoundError):
            await work.pages.delete_node(ADA, "nowhere")
        with pytest.raises(NotFoundError):
            await work.pages.update_node(ADA, "nowhere", name="x")

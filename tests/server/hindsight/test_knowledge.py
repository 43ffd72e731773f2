from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire


def page(wire: Wire, name: str, **said: Any) -> str:
    answer = wire("POST", "/knowledge-base/pages", json={"name": name, "source_query": f"What of {name}?", **said})
    assert answer.status_code == 201, answer.text
    wire.done(answer.json()["operation_id"])
    id: str = answer.json()["page_id"]
    return id


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Anna", "Bruno", "Carla"]),
        ({"tags": ["x"]}, ["Anna", "Bruno", "Carla"]),
        ({"tags": ["x"], "tags_match": "any_strict"}, ["Anna", "Bruno"]),
        ({"tag_groups": json.dumps([{"tags": ["x"]}, {"not": {"tags": ["y"]}}])}, ["Anna"]),
        (
            {"tag_groups": json.dumps([{"or": [{"tags": ["y"]}, {"and": [{"tags": [], "match": "exact"}]}]}])},
            ["Bruno", "Carla"],
        ),
    ],
)
def test_pages_are_chosen_by_their_tags(wire: Wire, asked: dict[str, Any], names: list[str]) -> None:
    for name, tags in {"Anna": ["x"], "Bruno": ["x", "y"], "Carla": []}.items():
        page(wire, name, tags=tags)

    tree = wire("GET", "/knowledge-base/tree", params=asked).json()
    found = wire("GET", "/knowledge-base/search", params={"q": "Anna Bruno Carla", **asked}).json()

    assert [node["name"] for node in tree["roots"]] == names
    assert sorted(one["name"] for one in found["results"]) == names


def test_a_page_without_content_says_so(wire: Wire) -> None:
    id = page(wire, "A", tags=["type:plan"])

    told = wire("GET", f"/knowledge-base/pages/{id}").json()

    assert (told["type"], told["body"]) == ("plan", "")
    assert "No content yet." in told["markdown"]


def test_two_of_one_name_in_one_folder_are_a_conflict(wire: Wire) -> None:
    folder = {"name": "work"}
    wire("POST", "/knowledge-base/folders", json=folder)

    assert wire("POST", "/knowledge-base/folders", json=folder).status_code == 409


def test_a_page_moves_only_when_it_is_told_where(wire: Wire) -> None:
    folder = wire("POST", "/knowledge-base/folders", json={"name": "work"}).json()["id"]
    id = page(wire, "A", parent_id=folder)

    renamed = wire("PATCH", f"/knowledge-base/nodes/{id}", json={"name": "B"}).json()
    moved = wire("PATCH", f"/knowledge-base/nodes/{id}", json={"parent_id": None}).json()

    assert (renamed["name"], renamed["parent_id"]) == ("B", folder)
    assert (moved["name"], moved["parent_id"]) == ("B", None)


def test_groups_that_are_no_json_are_refused(wire: Wire) -> None:
    assert wire("GET", "/knowledge-base/tree", params={"tag_groups": "x"}).status_code == 422

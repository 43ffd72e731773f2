from __future__ import annotations

import pytest

from duramen.documents.tagged import tagged
from duramen.types import TagsMatch


@pytest.mark.parametrize(
    ("match", "selected"),
    [
        ("any", ["", "a", "b", "ab", "abc"]),
        ("all", ["", "ab", "abc"]),
        ("any_strict", ["a", "b", "ab", "abc"]),
        ("all_strict", ["ab", "abc"]),
        ("exact", ["ab"]),
    ],
)
def test_each_way_selects_as_in_a_recall(match: TagsMatch, selected: list[str]) -> None:
    assert [tags for tags in ("", "a", "b", "c", "ab", "abc") if tagged(tags, ["a", "b"], match)] == selected


def test_no_tags_wanted_select_everything_but_exactly_none_only_what_has_none() -> None:
    assert tagged(["a"], [], "all_strict")
    assert tagged(["a"], None, "exact")
    assert not tagged(["a"], [], "exact")
    assert tagged([], [], "exact")

"""Which tags select what, as in a recall."""

from __future__ import annotations

from collections.abc import Collection

from duramen.types import TagsMatch


def tagged(tags: Collection[str], wanted: Collection[str] | None, match: TagsMatch) -> bool:
    """Tell whether something with `tags` is selected by `wanted` in the way of `match`; see `TagsMatch`.

    None wanted selects everything, and so does an empty list, but for `exact`: there it selects what has no tags.

    >>> tagged(["a"], ["a", "b"], "any_strict"), tagged([], ["a"], "any"), tagged([], ["a"], "any_strict")
    (True, True, False)
    """
    if wanted is None or (not wanted and match != "exact"):
        return True
    have, want = set(tags), set(wanted)
    if match == "exact":
        return have == want
    if not have:
        return match in ("any", "all")
    return bool(have & want) if match in ("any", "any_strict") else want <= have

"""Parts as a user would name them on the command line."""

from __future__ import annotations

from duramen import HashingEmbedder

embedder = HashingEmbedder(64)
number = 3


class Models:
    """Holds one."""

    small = embedder


def made() -> HashingEmbedder:
    return HashingEmbedder(32)


def needing(size: int) -> HashingEmbedder:
    return HashingEmbedder(size)


class Half:
    """Something of an embedder."""

    name = "half"


class Unnamed(HashingEmbedder):
    """An embedder that does not say its name as text."""

    def __init__(self) -> None:
        super().__init__()
        self.name = 7  # type: ignore[assignment]  # what the check is for

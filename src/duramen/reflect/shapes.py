"""What a language model answers when it thinks over a question."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Said(BaseModel):
    """A sentence of the answer, with the labels of the memories that say so."""

    text: str = Field(max_length=2_000)
    sources: list[str] = Field(default_factory=list, max_length=50)


class Step(BaseModel):
    """What to do next."""

    action: Literal["search", "expand", "about", "answer"]
    query: str | None = Field(default=None, max_length=500)
    memory: str | None = Field(default=None, max_length=20)
    statements: list[Said] = Field(default_factory=list, max_length=40)

"""What a language model is asked to answer about episodes."""

from __future__ import annotations

from pydantic import BaseModel, Field


class EpisodeShape(BaseModel):
    """One episode, by the labels of its first and last line."""

    first: str
    last: str
    ended: bool
    situation: str = ""
    intent: str
    actions: list[str] = Field(default_factory=list)
    outcome: str = ""
    assessment: str = "unknown"
    justification: str = ""
    reflection: str = ""


class EpisodesShape(BaseModel):
    """All episodes of a conversation."""

    episodes: list[EpisodeShape] = Field(default_factory=list)


class ReflectionShape(BaseModel):
    """What some episodes teach; `replaces` is the label of the memory that it brings up to date."""

    replaces: str | None = None
    title: str
    insight: str
    use_cases: str = ""
    hints: str = ""
    confidence: float = 0.1
    sources: list[str] = Field(default_factory=list)


class ReflectionsShape(BaseModel):
    """All that is learned."""

    reflections: list[ReflectionShape] = Field(default_factory=list)

"""Textbook retrieval over the same texts, to compare with: BM25, dense vectors, and the two fused."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from duramen.conversations import Conversation
from duramen.evaluation.cases import Case
from duramen.evaluation.judging import Found, Result, places
from duramen.language.terms import terms
from duramen.protocols import Embedder, QueryEmbedder
from duramen.retain.pipeline import searchable

DEPTH = 20
DENSE = 0.5
"""Weight of the dense scores in the weighted fusion, beside 1 for BM25; both as shares of the best."""

Scores = npt.NDArray[np.float64]


def bm25(texts: Sequence[str], questions: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> Scores:
    """Score every text for every question, shape (questions, texts)."""
    documents = [terms(text) for text in texts]
    lengths = np.array([len(document) for document in documents], dtype=float)
    postings: dict[str, dict[int, int]] = {}
    for row, document in enumerate(documents):
        for term in document:
            found = postings.setdefault(term, {})
            found[row] = found.get(row, 0) + 1
    scores = np.zeros((len(questions), len(texts)))
    for place, question in enumerate(questions):
        for term in set(terms(question)):
            found = postings.get(term, {})
            idf = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            for row, count in found.items():
                norm = k1 * (1 - b + b * lengths[row] / lengths.mean())
                scores[place, row] += idf * count * (k1 + 1) / (count + norm)
    return scores


async def dense(texts: Sequence[str], questions: Sequence[str], embedder: Embedder) -> Scores:
    """Score by cosine, shape (questions, texts)."""
    vectors = await embedder.embed(texts)
    if isinstance(embedder, QueryEmbedder):
        asked = await embedder.embed_queries(questions)
    else:
        asked = await embedder.embed(questions)
    return np.asarray(asked @ vectors.T, dtype=np.float64)


def weighted(words: Scores, meanings: Scores) -> Scores:
    """Fuse scores as shares of the best of their question."""
    return _shares(words) + DENSE * _shares(meanings)


def rrf(words: Scores, meanings: Scores, *, k: int = 60) -> Scores:
    """Fuse by reciprocal rank (Cormack, Clarke & Büttcher 2009)."""
    return 1 / (k + _ranks(words)) + 1 / (k + _ranks(meanings))


async def measured(conversation: Conversation, cases: Sequence[Case], embedder: Embedder) -> dict[str, list[Result]]:
    """Rank the turns of a conversation for its questions by every method."""
    turns = [turn for session in conversation.sessions for turn in session.turns]
    texts = [searchable(turn.text, turn.speaker) for turn in turns]
    questions = [case.question for case in cases]
    words = bm25(texts, questions)
    meanings = await dense(texts, questions, embedder)
    scores = {
        "BM25": words,
        "dense": meanings,
        f"BM25 + {DENSE} dense": weighted(words, meanings),
        "RRF of both": rrf(words, meanings),
    }
    found = [Found(turn.id, turn.id, None, turn.text, 0.0) for turn in turns]
    return {name: _results(cases, found, table) for name, table in scores.items()}


def _results(cases: Sequence[Case], found: Sequence[Found], scores: Scores) -> list[Result]:
    best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return [
        Result(case=case, places=places(case, [found[row] for row in rows]))
        for case, rows in zip(cases, best, strict=True)
    ]


def _shares(scores: Scores) -> Scores:
    shares: Scores = scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9)
    return shares


def _ranks(scores: Scores) -> Scores:
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(scores)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1, dtype=float)[np.newaxis, :], axis=1)
    return ranks

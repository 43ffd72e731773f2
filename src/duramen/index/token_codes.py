"""Token vectors in few bytes: what late interaction keeps of each memory."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from duramen.language.terms import STOP_WORDS

WIDTH = 128
"""Dimensions kept of each token vector."""

_FORMAT = 1
_LEVELS = 7
_HEADER = 4
"""Bytes before the tokens: the format, half the dimensions kept, and two that stand for the model."""

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """The tokens of several memories, one memory after the other.

    Attributes:
        tokens: Nearly unit rows, shape (all tokens, kept dimensions).
        counts: How many of them are whose; shape (memories,).
    """

    tokens: Matrix
    counts: npt.NDArray[np.intp]


def worth_comparing(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which tokens say something: no punctuation and no function words; all of them if none does.

    Args:
        words: The tokens as a vocabulary writes them; WordPiece marks the rest of a word with `##`.
    """
    telling = np.array(
        [word not in STOP_WORDS and any(map(str.isalnum, word)) for word in whole_words(words)], dtype=np.bool_
    )
    return telling if telling.any() else np.ones(len(words), dtype=np.bool_)


def whole_words(words: Sequence[str]) -> list[str]:
    """Return for each token the word that it is a part of, casefolded.

    Example:
        >>> whole_words(["her", "gui", "##tar"])
        ['her', 'guitar', 'guitar']
    """
    begins: list[int] = []
    joined: dict[int, str] = {}
    for place, word in enumerate(words):
        begin = begins[-1] if word.startswith("##") and begins else place
        begins.append(begin)
        joined[begin] = joined.get(begin, "") + word.removeprefix("##").strip("\u2581\u0120").casefold()
    return [joined[begin] for begin in begins]


def shortened(tokens: Matrix) -> Matrix:
    """Turn token vectors, shape (n, dimensions), into unit rows of at most `WIDTH` dimensions that keep their angles.

    They are projected on a random subspace, always the same one: any model's vectors, without having seen its data.

    Source:
        Johnson & Lindenstrauss, Extensions of Lipschitz mappings into a Hilbert space, 1984.
    """
    projected = tokens @ _projection(tokens.shape[1]) if tokens.shape[1] > WIDTH else tokens
    lengths = np.linalg.norm(projected, axis=1, keepdims=True)
    unit: Matrix = projected / np.maximum(lengths, np.float32(1e-9))
    return unit


def encode(tokens: Matrix, words: Sequence[str], model: str) -> bytes:
    """Keep the tokens worth comparing in 4 bits a number.

    Args:
        tokens: Unit rows, shape (n, dimensions).
        words: The n tokens as text.
        model: The name of what made them.

    Returns:
        At most 66 bytes a token and 4 more; nothing if there are no tokens.
    """
    if not len(tokens):
        return b""
    rows = shortened(tokens[worth_comparing(words)])
    if rows.shape[1] % 2:
        rows = np.pad(rows, ((0, 0), (0, 1)))
    scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.float32(1e-6)).astype(np.float16)
    levels = np.rint(rows / scales.astype(np.float32) * _LEVELS).clip(-_LEVELS, _LEVELS).astype(np.int8) + 8
    half = rows.shape[1] // 2
    packed = (levels[:, :half] << 4 | levels[:, half:]).astype(np.uint8)
    body = np.concatenate([scales.astype("<f2").view(np.uint8), packed], axis=1)
    return _header(packed.shape[1], model) + body.tobytes()


def decode(codes: Sequence[bytes], model: str) -> Decoded:
    """Read what `encode` gave; memories without codes, with damaged ones, or of another model or format, have no tokens."""
    width = next((code[1] for code in codes if len(code) > _HEADER and code[:_HEADER] == _header(code[1], model)), 0)
    header = _header(width, model)
    whole = [code[:_HEADER] == header and (len(code) - _HEADER) % (width + 2) == 0 for code in codes]
    kept = [code[_HEADER:] if fits else b"" for code, fits in zip(codes, whole, strict=True)]
    counts = np.fromiter((len(body) // (width + 2) for body in kept), dtype=np.intp, count=len(kept))
    body = np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(-1, width + 2)
    scales = body[:, :2].copy().view("<f2").astype(np.float32)
    tokens = np.empty((len(body), 2 * width), dtype=np.float32)
    tokens[:, :width] = body[:, 2:] >> 4
    tokens[:, width:] = body[:, 2:] & 15
    tokens -= np.float32(8)
    tokens *= scales / np.float32(_LEVELS)
    return Decoded(tokens, counts)


@functools.lru_cache(64)
def _header(width: int, model: str) -> bytes:
    return bytes((_FORMAT, width)) + hashlib.blake2b(model.encode(), digest_size=2).digest()


@functools.lru_cache(8)
def _projection(dimensions: int) -> Matrix:
    drawn = np.random.RandomState(dimensions).standard_normal(
        (dimensions, WIDTH)
    )  # the one generator that never changes
    orthogonal, triangle = np.linalg.qr(drawn)
    projection: Matrix = (orthogonal * np.sign(np.diag(triangle))).astype(np.float32)
    return projection

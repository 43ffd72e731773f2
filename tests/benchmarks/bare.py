"""Memories in a table with pgvector, as one writes it by hand: what a store over PostgreSQL is measured against."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import psycopg

from duramen import Item
from tests.benchmarks.corpus import DIMENSIONS
from tests.postgres import Server

TOP = 10
RRF = 60

Vector = npt.NDArray[np.float32]

_TABLE = f"""
CREATE TABLE memories (
    bank text NOT NULL,
    id text NOT NULL,
    embedding vector({DIMENSIONS}) NOT NULL,
    text text NOT NULL,
    tsv tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED,
    PRIMARY KEY (bank, id)
);
CREATE INDEX memories_tsv ON memories USING gin (tsv);
"""
_INSERT = "INSERT INTO memories (bank, id, embedding, text) VALUES (%s, %s, %s::vector, %s)"
_NEAREST = "SELECT id, text FROM memories WHERE bank = %s ORDER BY embedding <=> %s::vector LIMIT %s"
_SAID = """
SELECT id, text FROM memories,
    LATERAL (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery AS asked) AS question
WHERE bank = %s AND tsv @@ asked ORDER BY ts_rank(tsv, asked) DESC LIMIT %s
"""


def made(server: Server) -> str:
    """Return the address of a new database with the extension and the table."""
    url = server.database()
    name = url.rpartition("/")[2]
    with psycopg.connect(server.url_of(name, role="postgres"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLE)
    return url


class Plain:
    """One connection to such a table; every statement is a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def load(self, bank: str, turns: Sequence[Item], vectors: Vector) -> None:
        """Put many at once."""
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY memories (bank, id, embedding, text) FROM STDIN") as to,
        ):
            for turn, vector in zip(turns, vectors, strict=True):
                to.write_row((bank, turn.key, _text(vector), str(turn.content)))
        self._connection.execute("ANALYZE memories")

    def insert(self, bank: str, turn: Item, vector: Vector) -> None:
        """Put one whose vector is known."""
        self._connection.execute(_INSERT, (bank, turn.key, _text(vector), str(turn.content)))

    def recall(self, bank: str, question: str, vector: Vector) -> list[str]:
        """Return the texts of the best by vectors and by words, merged by their ranks."""
        nearest = self._connection.execute(_NEAREST, (bank, _text(vector), TOP)).fetchall()
        said = self._connection.execute(_SAID, (question, bank, TOP)).fetchall()
        scores: dict[str, float] = {}
        for found in (nearest, said):
            for rank, (_, text) in enumerate(found, 1):
                scores[text] = scores.get(text, 0.0) + 1 / (RRF + rank)
        return sorted(scores, key=lambda text: -scores[text])[:TOP]

    def begin_anew(self) -> None:
        """Give up the connection for another, which has planned and read nothing."""
        self._connection.close()
        self._connection = psycopg.connect(self._url, autocommit=True)

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()


class Inserter:
    """Several connections to such a table, by which as many insert at a time."""

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._count = connections
        self._free: asyncio.Queue[psycopg.AsyncConnection[tuple[object, ...]]] = asyncio.Queue()

    async def __aenter__(self) -> Inserter:
        for _ in range(self._count):
            self._free.put_nowait(await psycopg.AsyncConnection.connect(self._url, autocommit=True))
        return self

    async def __aexit__(self, *raised: object) -> None:
        for _ in range(self._count):
            await (await self._free.get()).close()

    async def insert(self, bank: str, turn: Item, vector: Vector) -> None:
        """Put one whose vector is known."""
        connection = await self._free.get()
        try:
            await connection.execute(_INSERT, (bank, turn.key, _text(vector), str(turn.content)))
        finally:
            self._free.put_nowait(connection)


def _text(vector: Vector) -> str:
    return "[" + ",".join(map(str, vector.tolist())) + "]"

"""The checker of `routing.py` finds what it is for; the statements of the store are checked as they are sent."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from duramen.stores.postgres.beginning import Binding
from duramen.stores.postgres.distributing import DISTRIBUTED
from duramen.stores.postgres.homes import MARK
from duramen.stores.postgres.statements import FILES, queries
from tests.stores.postgres.routing import Watch, faults, over_all, refusals

TABLES = {"banks", "events", "memories", "sources", "shelf"}

ROUTED = [
    "SELECT id FROM events WHERE bank = %(name)s AND id = %(id)s FOR UPDATE",
    "SELECT id FROM events WHERE %(name)s = bank AND (id = 'a' OR id = 'b')",
    "SELECT id FROM events AS e WHERE (e.bank = %(name)s::text) AND (id = 'a')",
    "SELECT value FROM shelf WHERE bank = %(home)s AND path = %(path)s",
    "SELECT 1 FROM events WHERE (bank, id) = (%(name)s, %(id)s)",
    "SELECT b.number FROM banks b JOIN events e ON e.bank = b.bank WHERE b.bank = %(name)s",
    "SELECT b.number FROM banks b LEFT JOIN events e ON e.bank = b.bank AND e.state = 2 WHERE b.bank = %(name)s",
    "SELECT b.number FROM banks b, events e WHERE e.bank = b.bank AND b.bank = %(name)s",
    "SELECT id FROM memories AS m WHERE m.bank = %(name)s AND EXISTS (SELECT 1 FROM sources s WHERE s.bank = m.bank)",
    "SELECT (SELECT count(*) FROM sources WHERE bank = %(name)s) FROM memories WHERE bank = %(name)s",
    "SELECT ARRAY(SELECT event FROM sources AS s WHERE s.bank = m.bank) FROM memories AS m WHERE m.bank = %(name)s",
    "SELECT key FROM events WHERE bank = %(name)s UNION SELECT key FROM memories WHERE bank = %(name)s",
    "SELECT EXISTS (SELECT 1 FROM events WHERE bank = %(name)s) OR EXISTS (SELECT 1 FROM memories WHERE bank = %(name)s)",
    "SELECT q.id FROM (SELECT bank, id FROM events WHERE bank = %(name)s) AS q JOIN memories m ON m.bank = q.bank",
    (
        "SELECT m.id FROM memories m CROSS JOIN LATERAL (SELECT id FROM sources s WHERE s.bank = m.bank LIMIT 1) q"
        " WHERE m.bank = %(name)s"
    ),
    "INSERT INTO events (bank, id) VALUES (%(name)s, %(id)s), (%(name)s::text, 'b')",
    "INSERT INTO events (id, bank) VALUES (1, %(name)s) ON CONFLICT (bank, id) DO UPDATE SET id = excluded.id",
    "INSERT INTO events (bank, id) SELECT %(name)s, id FROM unnest(%(ids)s) AS u(id) ON CONFLICT DO NOTHING",
    "INSERT INTO events (bank, id) SELECT m.bank, m.event FROM memories AS m WHERE m.bank = %(name)s",
    "UPDATE memories AS m SET id = 'a' FROM sources s WHERE m.bank = %(name)s AND s.bank = m.bank",
    "UPDATE events SET id = (SELECT max(id) FROM memories WHERE bank = %(name)s) WHERE bank = %(name)s",
    "DELETE FROM sources USING events e WHERE sources.bank = e.bank AND e.bank = %(name)s RETURNING sources.event",
    "WITH gone AS (DELETE FROM events WHERE bank = %(name)s RETURNING id) SELECT id FROM gone",
    (
        "WITH gone AS (DELETE FROM events WHERE bank = %(name)s RETURNING bank, id)"
        " DELETE FROM memories USING gone WHERE memories.bank = gone.bank AND memories.event = gone.id"
    ),
    "SELECT pg_notify('duramen', %(schema)s)",
]

ASTRAY = [
    ("SELECT id FROM events WHERE id = %(id)s", "bank of events"),
    ("SELECT id FROM events WHERE bank = %(bank)s", "bank of events"),
    ("SELECT id FROM events WHERE bank = 'ada'", "bank of events"),
    ("SELECT id FROM events WHERE bank = %(name)s OR id = %(id)s", "bank of events"),
    ("SELECT id FROM events WHERE NOT (bank = %(name)s)", "bank of events"),
    ("SELECT id FROM events WHERE bank <> %(name)s", "bank of events"),
    ("SELECT id FROM events WHERE bank = ANY(%(homes)s)", "bank of events"),
    ("SELECT id FROM events WHERE bank >= %(name)s", "bank of events"),
    ("SELECT id FROM events WHERE bank IN (SELECT bank FROM banks WHERE bank = %(name)s)", "bank of events"),
    ("SELECT 1 FROM events e JOIN banks b ON b.number = e.number WHERE e.bank = %(name)s", r"bank of banks \(b\)"),
    ("SELECT 1 FROM events e, banks b WHERE bank = %(name)s", "bank of events"),
    ("SELECT 1 FROM events e LEFT JOIN banks b ON b.bank = e.bank AND e.bank = %(name)s", "bank of events"),
    ("SELECT 1 FROM events e LEFT JOIN banks b ON b.number = 1 WHERE e.bank = %(name)s", "bank of banks"),
    ("SELECT 1 FROM events e FULL JOIN banks b ON b.bank = e.bank WHERE e.bank = %(name)s", "bank of banks"),
    ("SELECT (SELECT count(*) FROM sources) FROM memories WHERE bank = %(name)s", "bank of sources"),
    (
        "SELECT 1 FROM memories m WHERE m.bank = %(name)s AND EXISTS (SELECT 1 FROM sources s WHERE s.id = m.id)",
        "source",
    ),
    ("SELECT key FROM events WHERE bank = %(name)s UNION SELECT key FROM memories", "bank of memories"),
    ("SELECT 1 FROM (SELECT id FROM events) q, banks b WHERE b.bank = %(name)s", "bank of events"),
    (
        "SELECT 1 FROM (SELECT id AS bank FROM events WHERE bank = %(name)s) q JOIN banks b ON b.bank = q.bank",
        "of banks",
    ),
    ("WITH gone AS (SELECT id FROM events) SELECT id FROM gone", "bank of events"),
    ("INSERT INTO events (id) VALUES (%(name)s)", "bank of events"),
    ("INSERT INTO events VALUES (%(name)s)", "bank of events"),
    ("INSERT INTO events (bank, id) VALUES (%(id)s, %(name)s)", "bank of events"),
    ("INSERT INTO events (bank) VALUES (%(name)s), ('ada')", "bank of events"),
    ("INSERT INTO events (bank, id) SELECT %(name)s, id FROM memories", "bank of memories"),
    ("INSERT INTO events (bank, id) SELECT bank, id FROM memories", "bank of events"),
    ("INSERT INTO events (bank, id) VALUES (%(name)s, 1) ON CONFLICT (id) DO NOTHING", "ON CONFLICT"),
    ("INSERT INTO events (bank, id) VALUES (%(name)s, 1) ON CONFLICT (bank, id) DO UPDATE SET bank = 'b'", "changes"),
    ("UPDATE events SET id = 'a'", "bank of events"),
    ("UPDATE events SET bank = %(name)s WHERE bank = %(name)s", "changes the bank"),
    ("UPDATE events SET (id, bank) = (1, %(name)s) WHERE bank = %(name)s", "changes the bank"),
    ("UPDATE events SET id = 'a' FROM memories m WHERE events.bank = %(name)s AND m.id = events.id", "of memories"),
    ("DELETE FROM events", "bank of events"),
    ("DELETE FROM events USING memories m WHERE m.bank = %(name)s AND m.event = events.id", "bank of events"),
    ("SELECT 1 FROM versions", "nowhere"),
    ("SELECT 1 FROM events JOIN pg_class ON true WHERE bank = %(name)s", "nowhere"),
]


@pytest.mark.parametrize("statement", ROUTED)
def test_what_has_its_bank_at_every_table_is_routed(statement: str) -> None:
    assert faults(statement, TABLES, bound=True) == []


@pytest.mark.parametrize(("statement", "fault"), ASTRAY)
def test_what_lacks_its_bank_anywhere_is_a_fault(statement: str, fault: str) -> None:
    assert re.search(fault, "\n".join(faults(statement, TABLES, bound=True)))


def test_what_is_of_no_bank_only_reads_and_says_so_in_its_comment() -> None:
    reads = "SELECT bank FROM events WHERE due <= %(now)s"

    assert faults(reads, TABLES, bound=False, overlooks=True) == []
    assert "does not say" in faults(reads, TABLES, bound=False)[0]
    assert "locks" in faults(f"{reads} FOR UPDATE SKIP LOCKED", TABLES, bound=False, overlooks=True)[0]
    for changes in (
        "UPDATE events SET due = 0 WHERE state = 2",
        "DELETE FROM shelf WHERE expires < %(now)s",
        "WITH gone AS (DELETE FROM events RETURNING id) SELECT id FROM gone",
        "INSERT INTO events (bank) VALUES (%(name)s)",
    ):
        assert "changes rows" in faults(changes, TABLES, bound=False, overlooks=True)[0]


def test_what_looks_over_all_banks_has_no_place_in_a_transaction_of_some() -> None:
    found = faults("SELECT bank FROM events", TABLES, bound=True, overlooks=True)

    assert "over all banks in a transaction" in found[0]


def test_the_comments_of_queries_tell_which_look_over_all_banks(tmp_path: Path) -> None:
    file = tmp_path / "queries.sql"
    file.write_text(
        "-- Above.\n-- name: due\n-- Often. Over all\n-- banks: what is due.\nSELECT 1;\n\n"
        "-- name: of_one\n-- Asked often. Rises over all banks.\nSELECT 'Over all banks';\n"
        "-- name: paths\n-- Over all homes, like the two below.\nSELECT 1;\n-- name: a\nSELECT 1;\n-- name: b\nSELECT 1;\n"
        "-- name: c\nSELECT 1;\n"
    )

    assert over_all(file) == {"due", "paths", "a", "b"}


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("INSERT INTO events (bank, n) VALUES (%(name)s, (SELECT max(n) FROM events WHERE bank = %(name)s))", "VALUES"),
        ("INSERT INTO events (bank) VALUES (%(name)s) RETURNING (SELECT max(n) FROM banks)", "RETURNING"),
        ("INSERT INTO events (bank, n) SELECT %(name)s, n FROM unnest(%(n)s) AS u(n)", "COPY"),
        ("INSERT INTO events (bank, n) SELECT bank, random() FROM memories WHERE bank = %(name)s", "COPY"),
        ("INSERT INTO events (bank) VALUES (%(name)s) ON CONFLICT (bank) DO UPDATE SET at = now()", "DO UPDATE"),
        ("UPDATE events SET at = extract(epoch FROM clock_timestamp()) WHERE bank = %(name)s", "volatile"),
        ("DELETE FROM events WHERE bank = %(name)s AND n > random()", "volatile"),
    ],
)
def test_what_citus_refuses_is_seen(statement: str, refusal: str) -> None:
    assert [refusal in found for found in refusals(statement, bound=True)] == [True]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO events (bank, n) VALUES (%(name)s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)",
        "INSERT INTO events (bank, n) SELECT bank, n FROM memories WHERE bank = %(name)s",
        "INSERT INTO events (bank, n) SELECT %(name)s, n FROM unnest(%(n)s) AS u(n) ON CONFLICT DO NOTHING",
        "INSERT INTO events (bank) VALUES (%(name)s) ON CONFLICT (bank) DO UPDATE SET n = greatest(excluded.n, 1)",
        "UPDATE events SET at = %(now)s WHERE bank = %(name)s AND n = (SELECT max(n) FROM events WHERE bank = %(name)s)",
        "SELECT n FROM events WHERE bank = %(name)s FOR UPDATE",
    ],
)
def test_what_citus_takes_is_not_held_against_it(statement: str) -> None:
    assert refusals(statement, bound=True) == []


def test_citus_locks_rows_of_one_bank_only() -> None:
    assert refusals("SELECT n FROM events FOR UPDATE SKIP LOCKED", bound=False) == ["locks rows in several places"]


def _whole() -> dict[str, str]:
    """Return the queries that are sent; the others are parts of them."""
    return {name: text for name, text in queries().items() if re.match("SELECT|INSERT|UPDATE|DELETE|WITH", text)}


def test_each_query_of_the_store_is_routed_by_one_bank_or_only_reads() -> None:
    over = _named_over_all()
    found = {
        name: faults(text, DISTRIBUTED, bound=name not in over, overlooks=name in over)
        for name, text in _whole().items()
    }

    assert len(found) > 100
    assert {name: each for name, each in found.items() if each} == {}


def _named_over_all() -> set[str]:
    folder = Path(str(files("duramen.stores.postgres")))
    return over_all(*(folder / file for file in FILES))


def test_what_is_sent_is_seen_with_its_binding() -> None:
    seen = Watch()
    ada = Binding("ada", ("ada", "\x1eshelf"), None)

    seen("SELECT number FROM banks WHERE bank = %(name)s", {"name": "ada"}, ada)
    seen("SELECT value FROM shelf WHERE bank = %(home)s", {"name": "ada", "home": "\x1eshelf"}, ada)
    seen("SELECT digest FROM forgotten WHERE bank = %(home)s", {"name": "ada", "home": MARK}, ada)
    seen(queries()["due_banks"], {"name": None}, Binding(None, (), None))
    assert seen.faults() == []

    seen("SELECT value FROM shelf WHERE bank = %(home)s", {"name": "ada", "home": "eve"}, ada)
    seen("DELETE FROM shelf WHERE bank = %(home)s", {"name": "ada", "home": MARK}, ada)
    seen("SELECT number FROM banks WHERE number = 1", {"name": "ada"}, ada)
    seen(queries()["due_banks"], {"name": "ada"}, ada)
    seen("SELECT bank FROM events", {"name": None}, Binding(None, (), None))
    found = seen.faults()
    for part in (
        "'eve' is none of",
        "'\\x1e' is none of",
        "bank of banks is not given",
        "over all banks in a transaction",
        "does not say",
    ):
        assert any(part in fault for fault in found)

"""What addresses say, what is wrong with others, and that no password is ever shown."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from duramen.errors import AddressError
from duramen.stores.postgres.address import parse
from tests.postgres import Server


def test_our_parameters_are_taken_out_and_all_others_are_those_of_libpq() -> None:
    address = parse(
        "postgresql://ada:s%40crt@db.example:6432/memory?schema=mine&sslmode=verify-full&pool_size=20"
        "&statement_seconds=2.5&pool_seconds=3&prepare=off&application_name=a%20b"
    )

    assert (address.schema, address.pool_size, address.prepare) == ("mine", 20, False)
    assert (address.statement_seconds, address.pool_seconds) == (2.5, 3.0)
    given = conninfo_to_dict(address.conninfo)
    expected = {"user": "ada", "password": "s@crt", "host": "db.example", "port": "6432", "dbname": "memory"}
    assert {name: given[name] for name in expected} == expected
    assert (given["sslmode"], given["application_name"], given["connect_timeout"]) == ("verify-full", "a b", "3")


def test_what_is_not_said_is_as_usual() -> None:
    address = parse("postgres://localhost/memory")

    assert (address.schema, address.pool_size, address.prepare) == ("duramen", 10, True)
    assert (address.statement_seconds, address.pool_seconds) == (30.0, 10.0)
    assert conninfo_to_dict(address.conninfo)["application_name"] == "duramen"


def test_of_several_hosts_the_one_that_is_written_to_is_used_unless_the_address_says_otherwise() -> None:
    usual = conninfo_to_dict(parse("postgresql://a:1,b:2/memory").conninfo)
    other = conninfo_to_dict(parse("postgresql://a,b/memory?target_session_attrs=any").conninfo)

    assert (usual["host"], usual["port"], usual["target_session_attrs"]) == ("a,b", "1,2", "read-write")
    assert other["target_session_attrs"] == "any"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ada:secret@host:5432/memory", "postgresql://ada@host:5432/memory"),
        ("postgresql://ada:secret@a:1,b:2/memory?schema=mine", "postgresql://ada@a:1,b:2/memory?schema=mine"),
        ("postgresql:///memory?host=/run/pg&port=5433", "postgresql:///memory?host=/run/pg&port=5433"),
        ("postgresql://host/memory?password=secret&sslpassword=secret", "postgresql://host/memory"),
    ],
)
def test_it_is_shown_without_its_password(address: str, shown: str) -> None:
    assert parse(address).shown == shown
    assert "secret" not in repr(parse(address))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://h/d?poolsize=3", "no parameter 'poolsize'. Did you mean 'pool_size'?"),
        ("postgresql://h/d?sslmod=require", "Did you mean 'sslmode'?"),
        ("postgresql://h/d?xyzzy=1", "Ours are schema, pool_size"),
        ("postgresql://h/d?schema", "'schema' in 'postgresql://h/d?…' has no value"),
        ("postgresql://h/d?schema=", "`schema` is ''"),
        ("postgresql://h/d?schema=pg_mine", "without 'pg_' before it"),
        ("postgresql://h/d?schema=" + "x" * 64, "at most 63 bytes"),
        ("postgresql://h/d?pool_size=0", "from 1 to 1000"),
        ("postgresql://h/d?pool_size=1.5", "from 1 to 1000"),
        ("postgresql://h/d?statement_seconds=0", "Give seconds above 0"),
        ("postgresql://h/d?pool_seconds=soon", "Give seconds above 0"),
        ("postgresql://h/d?pool_seconds=nan", "Give seconds above 0"),
        ("postgresql://h/d?prepare=no", "Give 'on' or 'off'"),
        ("postgresql://h:port/d", "cannot be read"),
        ("postgresql://[::1/d", "cannot be read"),
    ],
)
def test_a_mistake_is_named(address: str, says: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(address)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    "password", ["se/cret", "12/cret", "se?cret", "se?cret=1", "se#cret", "se@cret", "se%cret", "se:cret"]
)
def test_a_password_that_is_not_encoded_is_not_shown_for_something_else(password: str) -> None:
    try:
        shown = repr(parse(f"postgresql://ada:{password}@host/memory"))
    except AddressError as error:
        shown = str(error)

    assert "cret" not in shown


def test_libpq_understands_what_it_is_given(postgres: Server) -> None:
    address = parse(f"{postgres.url}?schema=mine&pool_size=3&statement_timeout=1".replace("&statement_timeout=1", ""))

    with psycopg.connect(address.conninfo) as connection:
        assert connection.info.dbname == "duramen"

"""A store over PostgreSQL: one database, as many machines as you like."""

from duramen.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]

-- What frameworks keep by key, and what was forgotten.

CREATE TABLE shelf (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    expires INTEGER,
    lifetime REAL,
    value BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX shelf_by_place ON shelf (path, key);
CREATE INDEX shelf_by_expiry ON shelf (expires) WHERE expires IS NOT NULL;

CREATE TABLE forgotten (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- The newest shape of a store, in one read. It is never run: stores are made by migrations/, and a test holds the two
-- together. Times are microseconds since 1970 UTC. Lists and mappings are JSON text.

PRAGMA application_id = 1148547681; -- "Dura"
PRAGMA user_version = 3;

-- The walls. A number is never used twice, so what knows a deleted bank by its number finds nothing.
CREATE TABLE banks (
    number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number < 2147483648),
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    embedder TEXT,
    dimensions INTEGER NOT NULL DEFAULT 0,
    last INTEGER NOT NULL DEFAULT 0 CHECK (last < 4294967296), -- largest row number given out
    removals INTEGER NOT NULL DEFAULT 0                        -- rows taken away: last - removals are there
) STRICT;

-- What was retained, and the journal at once. Numbers rise in the order of appending, over all banks.
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL REFERENCES banks (number),
    id TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- pending, done, failed
    due INTEGER NOT NULL DEFAULT 0,                              -- when it may be leased: at the end of its lease, if any
    lease TEXT,                                                  -- token of the last lease
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    digest BLOB,                                                 -- recognises the same content; NULL once text was cut out
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT,
    session TEXT,
    speaker TEXT,
    document TEXT,
    mentioned INTEGER NOT NULL,
    occurred INTEGER,
    stored INTEGER NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    content TEXT NOT NULL -- last, so that filters read none of a long one
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (bank, id);
CREATE INDEX events_by_time ON events (bank, mentioned, id);
CREATE INDEX events_of_session ON events (bank, session, mentioned, id) WHERE session IS NOT NULL;
-- Both hold only what is still to do, and all that leasing and counting ask.
CREATE INDEX events_pending ON events (number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_pending_in_bank ON events (bank, number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_failed ON events (bank) WHERE state = 2;

-- What was made of events. `number` is bank << 32 | place in the bank: one bank is one range.
CREATE TABLE memories (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT,
    session TEXT,
    speaker TEXT,
    document TEXT,
    mentioned INTEGER NOT NULL,
    occurred_start INTEGER,
    occurred_end INTEGER,
    stored INTEGER NOT NULL,
    superseded INTEGER,
    tags TEXT NOT NULL,
    entities TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- The bank is the upper half of `number`, which every index ends with.
CREATE INDEX memories_by_id ON memories (id);
CREATE INDEX memories_of_event ON memories (event);
CREATE INDEX memories_of_document ON memories (document) WHERE document IS NOT NULL;
CREATE INDEX memories_of_session ON memories (session) WHERE session IS NOT NULL;
CREATE INDEX memories_of_actor ON memories (actor) WHERE actor IS NOT NULL;

-- One row per forgetting since the file was last written anew. Numbers are not used twice, so that one made meanwhile by
-- another process stays.
CREATE TABLE erasures (number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;

-- What memories are searched by, apart from their text: the one is read without the other.
CREATE TABLE vectors (
    number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE,
    vector BLOB NOT NULL, -- float32, little-endian
    terms BLOB NOT NULL,  -- uint32, little-endian
    claims BLOB NOT NULL DEFAULT x'' -- 10 bytes each: slot, value (uint32, little-endian), ends, statement
) STRICT;

-- Codes of token vectors, where there are any: large, and read for a few memories at a time.
CREATE TABLE late (
    number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE,
    codes BLOB NOT NULL
) STRICT;

-- What frameworks keep by key, beside the banks. An index apart from the rows: with values of 800 bytes and more, one
-- tree of both (WITHOUT ROWID) is ten times slower to walk.
CREATE TABLE shelf (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL, -- UTF-8 of each segment, each followed by a NUL
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    expires INTEGER,
    lifetime REAL,      -- seconds
    value BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX shelf_by_place ON shelf (path, key);
CREATE INDEX shelf_by_expiry ON shelf (expires) WHERE expires IS NOT NULL;

-- What was deleted by a forgetting, so that a replay does not bring it back: 16 bytes of a hash of the names of bank and
-- event, from which neither can be read.
CREATE TABLE forgotten (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

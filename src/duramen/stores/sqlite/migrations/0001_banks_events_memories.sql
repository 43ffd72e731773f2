-- The first shape. The version is set by the code that runs this.

PRAGMA application_id = 1148547681;

CREATE TABLE banks (
    number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number < 2147483648),
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    embedder TEXT,
    dimensions INTEGER NOT NULL DEFAULT 0,
    last INTEGER NOT NULL DEFAULT 0 CHECK (last < 4294967296),
    removals INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL REFERENCES banks (number),
    id TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    due INTEGER NOT NULL DEFAULT 0,
    lease TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    digest BLOB,
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
    content TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (bank, id);
CREATE INDEX events_by_time ON events (bank, mentioned, id);
CREATE INDEX events_of_session ON events (bank, session, mentioned, id) WHERE session IS NOT NULL;
CREATE INDEX events_pending ON events (number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_pending_in_bank ON events (bank, number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_failed ON events (bank) WHERE state = 2;

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
CREATE INDEX memories_by_id ON memories (id);
CREATE INDEX memories_of_event ON memories (event);
CREATE INDEX memories_of_document ON memories (document) WHERE document IS NOT NULL;
CREATE INDEX memories_of_session ON memories (session) WHERE session IS NOT NULL;
CREATE INDEX memories_of_actor ON memories (actor) WHERE actor IS NOT NULL;

CREATE TABLE erasures (number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;

CREATE TABLE vectors (
    number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    terms BLOB NOT NULL
) STRICT;

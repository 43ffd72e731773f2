-- The newest shape of a store, in one read. It is never run: stores are made by migrations/, and a test holds the two
-- together. Times are microseconds since 1970 UTC. Lists and mappings are JSON text.

PRAGMA application_id = 1148547681; -- "Dura"
PRAGMA user_version = 5;

-- The walls. A number is never used twice, so what knows a deleted bank by its number finds nothing.
CREATE TABLE banks (
    number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number < 2147483648),
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    embedder TEXT,
    dimensions INTEGER NOT NULL DEFAULT 0,
    last INTEGER NOT NULL DEFAULT 0 CHECK (last < 4294967296), -- largest row number given out
    removals INTEGER NOT NULL DEFAULT 0,                       -- rows taken away that no strategy made
    made INTEGER NOT NULL DEFAULT 0,                           -- of the rows given out, those that strategies made
    revised INTEGER NOT NULL DEFAULT 0                         -- of these, those taken away
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
    content TEXT NOT NULL, -- last, so that filters read none of a long one
    expires INTEGER,       -- read by its index
    entities TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (bank, id);
CREATE INDEX events_by_time ON events (bank, mentioned, id);
CREATE INDEX events_of_session ON events (bank, session, mentioned, id) WHERE session IS NOT NULL;
-- Both hold only what is still to do, and all that leasing and counting ask.
CREATE INDEX events_pending ON events (number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_pending_in_bank ON events (bank, number, due, lease, stored, state) WHERE state = 0;
CREATE INDEX events_failed ON events (bank) WHERE state = 2;
CREATE INDEX events_expiring ON events (expires) WHERE expires IS NOT NULL;
CREATE INDEX events_of_key ON events (bank, key, position);

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
    text TEXT NOT NULL,
    strategy TEXT,  -- that made it; NULL for what was retained word for word
    namespace TEXT, -- where it filed it, with a slash at both ends
    details TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- The bank is the upper half of `number`, which every index ends with.
CREATE INDEX memories_by_id ON memories (id);
CREATE INDEX memories_of_event ON memories (event);
CREATE INDEX memories_of_document ON memories (document) WHERE document IS NOT NULL;
CREATE INDEX memories_of_session ON memories (session) WHERE session IS NOT NULL;
CREATE INDEX memories_of_actor ON memories (actor) WHERE actor IS NOT NULL;
-- Few among many: what strategies made, by number, and by bank and namespace.
CREATE INDEX memories_made ON memories (number, strategy) WHERE strategy IS NOT NULL;
CREATE INDEX memories_filed ON memories (number >> 32, namespace) WHERE strategy IS NOT NULL;

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

-- What strategies made memories from. Memories are named by their ids, so that one which was replaced, but can be had
-- back, keeps its sources too. Numbers rise in the order in which they came.
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL REFERENCES banks (number),
    event TEXT NOT NULL,
    memory TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX sources_by_event ON sources (bank, event, memory);
CREATE INDEX sources_of_memory ON sources (bank, memory, number, event);

-- What strategies made that has no vectors, because those of the bank are being made anew.
CREATE TABLE unembedded (number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE) STRICT;

-- The pending jobs of each bank and strategy as one, which only one worker has at a time. An idle worker asks this alone.
CREATE TABLE queues (
    bank INTEGER NOT NULL REFERENCES banks (number),
    strategy TEXT NOT NULL,
    ready INTEGER NOT NULL,          -- when to look at it: at the end of its lease, if any, or when a job may be had
    lease TEXT,                      -- token of its lease
    lost TEXT NOT NULL DEFAULT '[]', -- events that were deleted, replaced or cut since it was leased
    PRIMARY KEY (bank, strategy)
) STRICT, WITHOUT ROWID;

CREATE INDEX queues_by_ready ON queues (ready);

-- What strategies have to work through, and have. Numbers rise in the order in which jobs were made.
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    bank INTEGER NOT NULL REFERENCES banks (number),
    strategy TEXT NOT NULL,
    event TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- pending, done, failed
    due INTEGER NOT NULL,
    lease TEXT,                                                  -- leased, if that is the lease of its queue
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    finished INTEGER,
    key TEXT NOT NULL, -- this and the rest as in the event
    actor TEXT,
    session TEXT,
    document TEXT,
    mentioned INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX jobs_of_event ON jobs (bank, event, strategy);
CREATE INDEX jobs_in_bank ON jobs (bank, number, strategy, state);
-- Both hold only what is still to do: in the order in which it is, and by what is worked through together.
CREATE INDEX jobs_pending ON jobs (bank, strategy, due, number, attempts, lease, state) WHERE state = 0;
CREATE INDEX jobs_beside ON jobs (bank, strategy, actor, session, document, mentioned, number) WHERE state = 0;
CREATE INDEX jobs_failed ON jobs (bank, strategy) WHERE state = 2;
CREATE INDEX jobs_leased ON jobs (lease) WHERE lease IS NOT NULL;

-- What strategies did. Numbers are never used twice.
CREATE TABLE revisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    bank INTEGER NOT NULL REFERENCES banks (number),
    strategy TEXT NOT NULL,
    version TEXT NOT NULL,
    decision TEXT NOT NULL,
    memory TEXT NOT NULL,
    other TEXT,
    since INTEGER,
    at INTEGER NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    sources TEXT NOT NULL, -- the events that the candidate came from
    added TEXT NOT NULL,   -- those of them that a repetition added to the memory
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    before TEXT            -- what was replaced, as JSON
) STRICT;

CREATE INDEX revisions_in_bank ON revisions (bank, number);
CREATE INDEX revisions_of_memory ON revisions (bank, memory);
CREATE INDEX revisions_of_other ON revisions (bank, other) WHERE other IS NOT NULL;
CREATE INDEX revisions_undone_skips ON revisions (bank) WHERE undone = 1 AND decision = 'skip';

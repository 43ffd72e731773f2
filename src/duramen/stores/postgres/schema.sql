-- The newest shape of a store, in one read. It is never run: stores are made by migrations/, and a test holds the two
-- together. All names are in the schema of the address. Times are microseconds since 1970 UTC. Lists and mappings are
-- JSON text. Text is in the order of its code points (COLLATE "C"), as in the other stores.
--
-- Every table but the last is led by `bank`, the name of the bank, and so is every key: a bank can be walled, locked,
-- and put on a machine of its own. There are no foreign keys and no sequences, which would tie banks together. Indexes
-- that are not led by it serve questions over all banks.

-- The walls. Another number is drawn when a bank is made anew, so that what knows a deleted one finds nothing.
CREATE TABLE banks (
    bank text COLLATE "C" PRIMARY KEY,
    number integer NOT NULL CHECK (number > 0), -- the upper half of the row numbers of its memories
    created bigint NOT NULL,
    embedder text COLLATE "C",
    dimensions integer NOT NULL DEFAULT 0,
    last bigint NOT NULL DEFAULT 0 CHECK (last < 4294967296), -- largest row number given out
    removals bigint NOT NULL DEFAULT 0,                       -- rows taken away that no strategy made
    made bigint NOT NULL DEFAULT 0,                           -- of the rows given out, those that strategies made
    revised bigint NOT NULL DEFAULT 0                         -- of these, those taken away
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- What was retained, and the journal at once. Numbers rise in the order of appending, and are moments.
CREATE TABLE events (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    state smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- pending, done, failed
    due bigint NOT NULL DEFAULT 0,                                -- when it may be leased: at the end of its lease
    lease text COLLATE "C",                                       -- token of the last lease
    attempts integer NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    digest bytea,                                                 -- recognises the same content; NULL once text was cut out
    key text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    actor text COLLATE "C",
    session text COLLATE "C",
    speaker text COLLATE "C",
    document text COLLATE "C",
    mentioned bigint NOT NULL,
    occurred bigint,
    stored bigint NOT NULL,
    expires bigint,
    tags text COLLATE "C" NOT NULL,
    entities text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    PRIMARY KEY (bank, id),
    CONSTRAINT names_fit_indexes CHECK (
        octet_length(coalesce(actor, '')) + octet_length(coalesce(session, '')) + octet_length(coalesce(document, ''))
        + greatest(octet_length(id), octet_length(key)) <= 2000
    )
) WITH (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

CREATE UNIQUE INDEX events_by_number ON events (bank, number);
CREATE INDEX events_by_time ON events (bank, mentioned, id);
CREATE INDEX events_of_session ON events (bank, session, mentioned, id) WHERE session IS NOT NULL;
CREATE INDEX events_of_key ON events (bank, key, position);
-- What is still to do. What a lease changes is in none of them, so that it changes the row alone.
CREATE INDEX events_pending_in_bank ON events (bank, number) WHERE state = 0;
CREATE INDEX events_failed_in_bank ON events (bank, number) WHERE state = 2;
CREATE INDEX events_expiring_in_bank ON events (bank, expires) WHERE expires IS NOT NULL;
-- Over all banks.
CREATE INDEX events_pending ON events (number) WHERE state = 0;
CREATE INDEX events_failed ON events (number) WHERE state = 2;
CREATE INDEX events_expiring ON events (expires) WHERE expires IS NOT NULL;

-- What was made of events, and what it is searched by. `number` is the bank's << 32 | place in the bank.
CREATE TABLE memories (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    actor text COLLATE "C",
    session text COLLATE "C",
    speaker text COLLATE "C",
    document text COLLATE "C",
    mentioned bigint NOT NULL,
    occurred_start bigint,
    occurred_end bigint,
    stored bigint NOT NULL,
    superseded bigint,
    tokens bigint NOT NULL,
    strategy text COLLATE "C",  -- that made it; NULL for what was retained word for word
    namespace text COLLATE "C", -- where it filed it, with a slash at both ends
    tags text COLLATE "C" NOT NULL,
    entities text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL DEFAULT '{}',
    text text COLLATE "C" NOT NULL,
    vector bytea, -- float32, little-endian; NULL while those of the bank are being made anew
    terms bytea,  -- uint32, little-endian
    claims bytea, -- 10 bytes each: slot, value (uint32, little-endian), ends, statement
    late bytea,   -- codes of token vectors, where there are any: large, and read for a few memories at a time
    PRIMARY KEY (bank, number),
    CHECK (vector IS NOT NULL OR strategy IS NOT NULL)
) WITH (
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

-- They do not become smaller by being packed.
ALTER TABLE memories
    ALTER COLUMN vector SET STORAGE EXTERNAL,
    ALTER COLUMN terms SET STORAGE EXTERNAL,
    ALTER COLUMN claims SET STORAGE EXTERNAL,
    ALTER COLUMN late SET STORAGE EXTERNAL;

CREATE INDEX memories_by_id ON memories (bank, id);
CREATE INDEX memories_of_event ON memories (bank, event);
CREATE INDEX memories_of_document ON memories (bank, document, number) WHERE document IS NOT NULL;
CREATE INDEX memories_of_session ON memories (bank, session, number) WHERE session IS NOT NULL;
CREATE INDEX memories_of_actor ON memories (bank, actor, number) WHERE actor IS NOT NULL;
-- Few among many: what strategies made, by number, and by namespace; and what of it waits for its vectors.
CREATE INDEX memories_made ON memories (bank, number) WHERE strategy IS NOT NULL;
CREATE INDEX memories_filed ON memories (bank, namespace) WHERE strategy IS NOT NULL;
CREATE INDEX memories_unembedded ON memories (bank, number) WHERE vector IS NULL;

-- What was deleted by a forgetting, so that a replay does not bring it back: 16 bytes of a hash of the names of bank and
-- event, from which neither can be read.
CREATE TABLE forgotten (
    bank text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (bank, digest)
);

-- What strategies made memories from. Memories are named by their ids, so that one which was replaced, but can be had
-- back, keeps its sources too. Numbers rise in the order in which those of a memory came.
CREATE TABLE sources (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    event text COLLATE "C" NOT NULL,
    memory text COLLATE "C" NOT NULL,
    PRIMARY KEY (bank, event, memory)
);

CREATE INDEX sources_of_memory ON sources (bank, memory, number);

-- The pending jobs of each bank and strategy as one, which only one worker has at a time. An idle worker asks this alone.
CREATE TABLE queues (
    bank text COLLATE "C" NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    ready bigint NOT NULL,  -- when to look at it: at the end of its lease, if any, or when a job may be had
    lease text COLLATE "C", -- token of its lease
    lost text COLLATE "C" NOT NULL DEFAULT '[]', -- events that were deleted, replaced or cut since it was leased
    PRIMARY KEY (bank, strategy)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 200,
    autovacuum_analyze_scale_factor = 0.1
);

CREATE INDEX queues_by_ready ON queues (ready); -- over all banks

-- What strategies have to work through, and have. Numbers rise in the order in which jobs were made.
CREATE TABLE jobs (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    state smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- pending, done, failed
    due bigint NOT NULL,
    lease text COLLATE "C",                                       -- leased, if that is the lease of its queue
    attempts integer NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    version text COLLATE "C" NOT NULL DEFAULT '',
    created bigint NOT NULL,
    finished bigint,
    key text COLLATE "C" NOT NULL, -- this and the rest as in the event
    actor text COLLATE "C",
    session text COLLATE "C",
    document text COLLATE "C",
    mentioned bigint NOT NULL,
    PRIMARY KEY (bank, number)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE UNIQUE INDEX jobs_of_event ON jobs (bank, event, strategy);
-- What is still to do: in the order in which it is, by what is worked through together, and by who has it.
CREATE INDEX jobs_pending ON jobs (bank, strategy, due, number) WHERE state = 0;
CREATE INDEX jobs_beside ON jobs (bank, strategy, actor, session, document, mentioned, number) WHERE state = 0;
CREATE INDEX jobs_leased ON jobs (bank, lease) WHERE lease IS NOT NULL AND state = 0;
CREATE INDEX jobs_failed ON jobs (bank, strategy) WHERE state = 2;

-- What strategies did. Numbers rise, and are never used twice.
CREATE TABLE revisions (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    decision text COLLATE "C" NOT NULL,
    memory text COLLATE "C" NOT NULL,
    other text COLLATE "C",
    since bigint,
    at bigint NOT NULL,
    undone boolean NOT NULL DEFAULT false,
    sources text COLLATE "C" NOT NULL, -- the events that the candidate came from
    added text COLLATE "C" NOT NULL,   -- those of them that a repetition added to the memory
    reason text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    before text COLLATE "C",           -- what was replaced, as JSON
    PRIMARY KEY (bank, number)
);

CREATE INDEX revisions_of_memory ON revisions (bank, memory, number);
CREATE INDEX revisions_of_other ON revisions (bank, other, number) WHERE other IS NOT NULL;
CREATE INDEX revisions_undone_skips ON revisions (bank, number) WHERE undone AND decision = 'skip';

-- What frameworks keep by key, beside the banks. Here `bank` is the home of an entry: the bank that it belongs to, or a
-- name that no bank has, with U+001E and the first segments of its path.
CREATE TABLE shelf (
    bank text COLLATE "C" NOT NULL,
    path bytea NOT NULL, -- UTF-8 of each segment, each followed by a NUL
    key text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    expires bigint,
    lifetime double precision, -- seconds
    value bytea NOT NULL,
    PRIMARY KEY (bank, path, key)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX shelf_by_expiry_in_home ON shelf (bank, expires) WHERE expires IS NOT NULL;
-- Over all homes.
CREATE INDEX shelf_by_place ON shelf (path, key);
CREATE INDEX shelf_by_expiry ON shelf (expires) WHERE expires IS NOT NULL;

-- Which migrations were made here.
CREATE TABLE versions (
    version integer PRIMARY KEY,
    made timestamptz NOT NULL DEFAULT now()
);

-- The walls, also for the owner: a transaction sees the banks that it was begun for, or all if it is over all banks, and
-- of a tenant's request only that tenant's, those of its memory resources among them. Who says nothing sees nothing.
-- Settings are read once in a statement.
ALTER TABLE banks ENABLE ROW LEVEL SECURITY;
ALTER TABLE banks FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON banks USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON events USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE memories FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON memories USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE forgotten ENABLE ROW LEVEL SECURITY;
ALTER TABLE forgotten FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON forgotten USING (
    bank = E'\x1e' OR (
        (
            bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
            OR (SELECT current_setting('duramen.over', true) = 'all')
        )
        AND (
            (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
            OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
            OR starts_with(
                bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
            )
        )
    )
);

ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE sources FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON sources USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE queues FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON queues USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON jobs USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

ALTER TABLE revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE revisions FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON revisions USING (
    (
        bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
        OR (SELECT current_setting('duramen.over', true) = 'all')
    )
    AND (
        (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
        OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
        OR starts_with(
            bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
        )
    )
);

-- What belongs to no bank is nobody's alone.
ALTER TABLE shelf ENABLE ROW LEVEL SECURITY;
ALTER TABLE shelf FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON shelf USING (
    starts_with(bank, E'\x1e') OR (
        (
            bank = ANY((SELECT string_to_array(current_setting('duramen.banks', true), E'\x1f'))::text[])
            OR (SELECT current_setting('duramen.over', true) = 'all')
        )
        AND (
            (SELECT coalesce(current_setting('duramen.tenant', true), '') = '')
            OR starts_with(bank, (SELECT 'tenant:' || current_setting('duramen.tenant', true) || ':'))
            OR starts_with(
                bank, (SELECT 'resource:tenant%3A' || replace(current_setting('duramen.tenant', true), '%', '%25') || '%3A')
            )
        )
    )
);

COMMENT ON TABLE banks IS 'Banks of memories, with the counters that indexes follow.';
COMMENT ON TABLE events IS 'What was retained, and the journal of what is still to become memories.';
COMMENT ON TABLE memories IS 'What was made of events, and what it is searched by.';
COMMENT ON TABLE forgotten IS 'Marks of deleted events, so that a replay does not bring them back.';
COMMENT ON TABLE sources IS 'The events that strategies made memories from.';
COMMENT ON TABLE queues IS 'The pending jobs of each bank and strategy as one, which one worker has at a time.';
COMMENT ON TABLE jobs IS 'What strategies have to work through, and have.';
COMMENT ON TABLE revisions IS 'What strategies did.';
COMMENT ON TABLE shelf IS 'What frameworks keep by key, beside the banks.';
COMMENT ON TABLE versions IS 'Migrations that were made here.';

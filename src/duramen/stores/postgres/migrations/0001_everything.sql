-- See schema.sql, which says what everything is for.

CREATE TABLE banks (
    bank text COLLATE "C" PRIMARY KEY,
    number integer NOT NULL CHECK (number > 0),
    created bigint NOT NULL,
    embedder text COLLATE "C",
    dimensions integer NOT NULL DEFAULT 0,
    last bigint NOT NULL DEFAULT 0 CHECK (last < 4294967296),
    removals bigint NOT NULL DEFAULT 0,
    made bigint NOT NULL DEFAULT 0,
    revised bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE events (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    state smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    due bigint NOT NULL DEFAULT 0,
    lease text COLLATE "C",
    attempts integer NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    digest bytea,
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
CREATE INDEX events_pending_in_bank ON events (bank, number) WHERE state = 0;
CREATE INDEX events_failed_in_bank ON events (bank, number) WHERE state = 2;
CREATE INDEX events_expiring_in_bank ON events (bank, expires) WHERE expires IS NOT NULL;
CREATE INDEX events_pending ON events (number) WHERE state = 0;
CREATE INDEX events_failed ON events (number) WHERE state = 2;
CREATE INDEX events_expiring ON events (expires) WHERE expires IS NOT NULL;

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
    strategy text COLLATE "C",
    namespace text COLLATE "C",
    tags text COLLATE "C" NOT NULL,
    entities text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL DEFAULT '{}',
    text text COLLATE "C" NOT NULL,
    vector bytea,
    terms bytea,
    claims bytea,
    late bytea,
    PRIMARY KEY (bank, number),
    CHECK (vector IS NOT NULL OR strategy IS NOT NULL)
) WITH (
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

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
CREATE INDEX memories_made ON memories (bank, number) WHERE strategy IS NOT NULL;
CREATE INDEX memories_filed ON memories (bank, namespace) WHERE strategy IS NOT NULL;
CREATE INDEX memories_unembedded ON memories (bank, number) WHERE vector IS NULL;

CREATE TABLE forgotten (
    bank text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (bank, digest)
);

CREATE TABLE sources (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    event text COLLATE "C" NOT NULL,
    memory text COLLATE "C" NOT NULL,
    PRIMARY KEY (bank, event, memory)
);

CREATE INDEX sources_of_memory ON sources (bank, memory, number);

CREATE TABLE queues (
    bank text COLLATE "C" NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    ready bigint NOT NULL,
    lease text COLLATE "C",
    lost text COLLATE "C" NOT NULL DEFAULT '[]',
    PRIMARY KEY (bank, strategy)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 200,
    autovacuum_analyze_scale_factor = 0.1
);

CREATE INDEX queues_by_ready ON queues (ready);

CREATE TABLE jobs (
    bank text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    state smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    due bigint NOT NULL,
    lease text COLLATE "C",
    attempts integer NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    version text COLLATE "C" NOT NULL DEFAULT '',
    created bigint NOT NULL,
    finished bigint,
    key text COLLATE "C" NOT NULL,
    actor text COLLATE "C",
    session text COLLATE "C",
    document text COLLATE "C",
    mentioned bigint NOT NULL,
    PRIMARY KEY (bank, number)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE UNIQUE INDEX jobs_of_event ON jobs (bank, event, strategy);
CREATE INDEX jobs_pending ON jobs (bank, strategy, due, number) WHERE state = 0;
CREATE INDEX jobs_beside ON jobs (bank, strategy, actor, session, document, mentioned, number) WHERE state = 0;
CREATE INDEX jobs_leased ON jobs (bank, lease) WHERE lease IS NOT NULL AND state = 0;
CREATE INDEX jobs_failed ON jobs (bank, strategy) WHERE state = 2;

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
    sources text COLLATE "C" NOT NULL,
    added text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    before text COLLATE "C",
    PRIMARY KEY (bank, number)
);

CREATE INDEX revisions_of_memory ON revisions (bank, memory, number);
CREATE INDEX revisions_of_other ON revisions (bank, other, number) WHERE other IS NOT NULL;
CREATE INDEX revisions_undone_skips ON revisions (bank, number) WHERE undone AND decision = 'skip';

CREATE TABLE shelf (
    bank text COLLATE "C" NOT NULL,
    path bytea NOT NULL,
    key text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    expires bigint,
    lifetime double precision,
    value bytea NOT NULL,
    PRIMARY KEY (bank, path, key)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX shelf_by_expiry_in_home ON shelf (bank, expires) WHERE expires IS NOT NULL;
CREATE INDEX shelf_by_place ON shelf (path, key);
CREATE INDEX shelf_by_expiry ON shelf (expires) WHERE expires IS NOT NULL;

CREATE TABLE versions (
    version integer PRIMARY KEY,
    made timestamptz NOT NULL DEFAULT now()
);

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

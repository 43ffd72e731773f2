-- What strategies make, what they still have to do, what they did, and when events expire.

ALTER TABLE banks ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE banks ADD COLUMN revised INTEGER NOT NULL DEFAULT 0;

ALTER TABLE events ADD COLUMN expires INTEGER;
CREATE INDEX events_expiring ON events (expires) WHERE expires IS NOT NULL;

ALTER TABLE memories ADD COLUMN strategy TEXT;
ALTER TABLE memories ADD COLUMN namespace TEXT;
ALTER TABLE memories ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
CREATE INDEX memories_made ON memories (number, strategy) WHERE strategy IS NOT NULL;
CREATE INDEX memories_filed ON memories (number >> 32, namespace) WHERE strategy IS NOT NULL;

CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL REFERENCES banks (number),
    event TEXT NOT NULL,
    memory TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX sources_by_event ON sources (bank, event, memory);
CREATE INDEX sources_of_memory ON sources (bank, memory, number, event);

CREATE TABLE unembedded (number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE) STRICT;

CREATE TABLE queues (
    bank INTEGER NOT NULL REFERENCES banks (number),
    strategy TEXT NOT NULL,
    ready INTEGER NOT NULL,
    lease TEXT,
    lost TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (bank, strategy)
) STRICT, WITHOUT ROWID;

CREATE INDEX queues_by_ready ON queues (ready);

CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    bank INTEGER NOT NULL REFERENCES banks (number),
    strategy TEXT NOT NULL,
    event TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    due INTEGER NOT NULL,
    lease TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    finished INTEGER,
    key TEXT NOT NULL,
    actor TEXT,
    session TEXT,
    document TEXT,
    mentioned INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX jobs_of_event ON jobs (bank, event, strategy);
CREATE INDEX jobs_in_bank ON jobs (bank, number, strategy, state);
CREATE INDEX jobs_pending ON jobs (bank, strategy, due, number, attempts, lease, state) WHERE state = 0;
CREATE INDEX jobs_beside ON jobs (bank, strategy, actor, session, document, mentioned, number) WHERE state = 0;
CREATE INDEX jobs_failed ON jobs (bank, strategy) WHERE state = 2;
CREATE INDEX jobs_leased ON jobs (lease) WHERE lease IS NOT NULL;

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
    sources TEXT NOT NULL,
    added TEXT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    before TEXT
) STRICT;

CREATE INDEX revisions_in_bank ON revisions (bank, number);
CREATE INDEX revisions_of_memory ON revisions (bank, memory);
CREATE INDEX revisions_of_other ON revisions (bank, other) WHERE other IS NOT NULL;
CREATE INDEX revisions_undone_skips ON revisions (bank) WHERE undone = 1 AND decision = 'skip';

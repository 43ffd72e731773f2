-- Every query about banks that are told and taken word for word; see queries.sql.

-- name: list_many_copied
-- With how far an event is worked through. One that is leased is told as due.
SELECT
    number, state, CASE WHEN state = 0 AND lease IS NULL THEN due ELSE 0 END, attempts, reason, digest IS NULL,
    {event_columns}
FROM events NOT INDEXED
WHERE bank = :bank AND number > :after ORDER BY number LIMIT :limit;

-- name: list_few_copied
SELECT
    number, state, CASE WHEN state = 0 AND lease IS NULL THEN due ELSE 0 END, attempts, reason, digest IS NULL,
    {event_columns}
FROM events
WHERE number IN (
    SELECT number FROM events INDEXED BY events_by_id
    WHERE bank = :bank AND number > :after ORDER BY number LIMIT :limit
)
ORDER BY number;

-- name: list_places
SELECT
    number,
    strategy IS NOT NULL,
    strategy IS NOT NULL AND EXISTS (SELECT 1 FROM unembedded WHERE unembedded.number = memories.number)
FROM memories WHERE number > :first AND number <= :last ORDER BY number;

-- name: copied_memories
SELECT
    (SELECT vector FROM vectors WHERE vectors.number = memories.number),
    (SELECT terms FROM vectors WHERE vectors.number = memories.number),
    (SELECT claims FROM vectors WHERE vectors.number = memories.number),
    (SELECT codes FROM late WHERE late.number = memories.number),
    {memory_columns}
FROM memories
WHERE number IN (SELECT :first + value FROM json_each(:numbers)) AND number > :first AND number <= :last
ORDER BY number;

-- name: list_sources
-- Of the next memories, by id.
SELECT memory, event FROM sources INDEXED BY sources_of_memory
WHERE bank = :bank AND memory IN (
    SELECT DISTINCT memory FROM sources INDEXED BY sources_of_memory
    WHERE bank = :bank AND memory > :after ORDER BY memory LIMIT :limit
)
ORDER BY memory, number;

-- name: list_marks
-- Over all banks.
SELECT digest FROM forgotten WHERE digest > :after ORDER BY digest LIMIT :limit;

-- name: list_all_entries
SELECT {entry_columns} FROM shelf
WHERE (path, key) > (:path, :key) AND {alive} ORDER BY path, key LIMIT :limit;

-- name: put_mark
-- Over all banks.
INSERT OR IGNORE INTO forgotten (digest) VALUES (:digest);

-- name: any_marks
-- Over all banks: whether anything was ever forgotten.
SELECT EXISTS (SELECT 1 FROM forgotten);

-- name: any_marks_anywhere
-- Whether there are marks that were taken, and stand apart from those of the bank; like the two below.
SELECT 0;

-- name: is_marked_anywhere
SELECT 0;

-- name: unmark_anywhere
DELETE FROM forgotten WHERE digest = :digest;

-- name: first_number
-- What the next event is numbered; SQLite finds it by itself.
SELECT 0;

-- name: put_event
-- One that is there stays in its place.
INSERT INTO events (
    bank, id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags, metadata,
    content, digest, expires, entities, state, due, attempts, reason
) VALUES (
    :bank, :id, :key, :position, :kind, :actor, :session, :speaker, :document, :mentioned, :occurred, :stored, :tags,
    :metadata, :content, :digest, :expires, :entities, :state, :due, :attempts, :reason
)
ON CONFLICT (bank, id) DO UPDATE
SET key = excluded.key, position = excluded.position, kind = excluded.kind, actor = excluded.actor,
    session = excluded.session, speaker = excluded.speaker, document = excluded.document,
    mentioned = excluded.mentioned, occurred = excluded.occurred, stored = excluded.stored, tags = excluded.tags,
    metadata = excluded.metadata, content = excluded.content, digest = excluded.digest, expires = excluded.expires,
    entities = excluded.entities, state = excluded.state, due = excluded.due, attempts = excluded.attempts,
    reason = excluded.reason, lease = NULL;

-- name: take_event_away
DELETE FROM events WHERE bank = :bank AND id = :id;

-- name: put_job
-- Of an event that is there. One that is there stays in its place.
INSERT INTO jobs (
    bank, strategy, event, state, due, attempts, reason, version, created, finished, key, actor, session, document,
    mentioned
)
SELECT
    bank, :strategy, id, :state, :due, :attempts, :reason, :version, :created, :finished, :key, :actor, :session,
    :document, mentioned
FROM events WHERE bank = :bank AND id = :event
ON CONFLICT (bank, event, strategy) DO UPDATE
SET state = excluded.state, due = excluded.due, attempts = excluded.attempts, reason = excluded.reason,
    version = excluded.version, created = excluded.created, finished = excluded.finished, key = excluded.key,
    actor = excluded.actor, session = excluded.session, document = excluded.document, mentioned = excluded.mentioned,
    lease = NULL;

-- name: take_job_away
DELETE FROM jobs WHERE bank = :bank AND strategy = :strategy AND event = :event;

-- name: put_revision
INSERT INTO revisions (
    bank, strategy, version, decision, memory, other, since, at, undone, sources, added, reason, text, before
) VALUES (
    :bank, :strategy, :version, :decision, :memory, :other, :since, :at, :undone, :sources, :added, :reason, :text,
    :before
);

-- name: let_bank_stand
UPDATE banks
SET created = :created, embedder = :embedder, dimensions = :dimensions, last = :last, removals = :removals,
    made = :made, revised = :revised
WHERE number = :bank;

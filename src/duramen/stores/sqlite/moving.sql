-- Every query about what is moved from store to store by name; see queries.sql.

-- name: has_many_events
SELECT count(*) >= :many FROM (SELECT 1 FROM events INDEXED BY events_by_id WHERE bank = :bank LIMIT :many);

-- name: list_many_appended
SELECT number, {event_columns} FROM events NOT INDEXED
WHERE bank = :bank AND number > :after ORDER BY number LIMIT :limit;

-- name: list_few_appended
SELECT number, {event_columns} FROM events
WHERE number IN (
    SELECT number FROM events INDEXED BY events_by_id
    WHERE bank = :bank AND number > :after ORDER BY number LIMIT :limit
)
ORDER BY number;

-- name: list_all_made
SELECT {memory_columns} FROM memories INDEXED BY memories_made
WHERE number > :first AND number <= :last AND strategy IS NOT NULL ORDER BY number LIMIT :limit;

-- name: adopt_job
-- Of an event that is there, unless it has one.
INSERT INTO jobs (
    bank, strategy, event, state, due, attempts, reason, version, created, finished, key, actor, session, document,
    mentioned
)
SELECT
    bank, :strategy, id, :state, :due, :attempts, :reason, :version, :created, :finished, key, actor, session, document,
    mentioned
FROM events WHERE bank = :bank AND id = :event
ON CONFLICT (bank, event, strategy) DO NOTHING;

-- name: put_entry_as_it_was
INSERT INTO shelf (path, key, value, created, updated, expires, lifetime)
VALUES (:path, :key, :value, :created, :updated, :expires, :lifetime)
ON CONFLICT (path, key) DO UPDATE
SET value = excluded.value,
    created = excluded.created,
    updated = excluded.updated,
    expires = excluded.expires,
    lifetime = excluded.lifetime;

-- Every query about what is moved from store to store by name; see queries.sql.

-- name: has_many_events
-- It does not matter: an index has the events of each bank in the order in which they were appended.
SELECT false;

-- name: list_few_appended
SELECT number, {event_columns} FROM events
WHERE bank = %(name)s AND number > %(after)s ORDER BY number LIMIT %(limit)s;

-- name: list_many_appended
SELECT number, {event_columns} FROM events
WHERE bank = %(name)s AND number > %(after)s ORDER BY number LIMIT %(limit)s;

-- name: list_all_made
SELECT {memory_columns} FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL
ORDER BY number LIMIT %(limit)s;

-- name: adopt_job
-- Of an event that is there, unless it has one.
INSERT INTO jobs (
    bank, number, strategy, event, state, due, attempts, reason, version, created, finished, key, actor, session,
    document, mentioned
)
SELECT
    %(name)s, {next_job}, %(strategy)s, id, %(state)s, %(due)s, %(attempts)s, %(reason)s, %(version)s, %(created)s,
    %(finished)s, key, actor, session, document, mentioned
FROM events WHERE bank = %(name)s AND id = %(event)s
ON CONFLICT (bank, event, strategy) DO NOTHING;

-- name: put_entry_as_it_was
INSERT INTO shelf (bank, path, key, value, created, updated, expires, lifetime)
VALUES (%(home)s, %(path)s, %(key)s, %(value)s, %(created)s, %(updated)s, %(expires)s, %(lifetime)s)
ON CONFLICT (bank, path, key) DO UPDATE
SET value = excluded.value,
    created = excluded.created,
    updated = excluded.updated,
    expires = excluded.expires,
    lifetime = excluded.lifetime;

-- Every query of the shelf by name; see queries.sql. Paths are written so that their bytes are in their order.

-- name: entry_columns
-- What an entry is read from.
path, key, value, created, updated, expires, lifetime

-- name: alive
-- Whether an entry is still there for those who ask.
(expires IS NULL OR expires > :now)

-- name: put_entry
-- What expired is as good as gone: it neither is kept nor lends its age.
INSERT INTO shelf (path, key, value, created, updated, expires, lifetime)
VALUES (:path, :key, :value, :now, :now, :expires, :lifetime)
ON CONFLICT (path, key) DO UPDATE
SET value = excluded.value,
    created = CASE WHEN {alive} THEN created ELSE excluded.created END,
    updated = excluded.updated,
    expires = excluded.expires,
    lifetime = excluded.lifetime
WHERE NOT (:keep AND {alive});

-- name: entry_lifetime
SELECT lifetime FROM shelf WHERE path = :path AND key = :key AND expires > :now;

-- name: touch_entry
UPDATE shelf SET expires = :expires WHERE path = :path AND key = :key;

-- name: remove_entry
DELETE FROM shelf WHERE path = :path AND key = :key;

-- name: remove_entries
DELETE FROM shelf WHERE path >= :path AND path < :end;

-- name: sweep_entries
DELETE FROM shelf
WHERE number IN (SELECT number FROM shelf WHERE expires <= :now ORDER BY expires LIMIT :limit);

-- name: get_entry
SELECT {entry_columns} FROM shelf WHERE path = :path AND key = :key AND {alive};

-- name: between
-- The last is left out.
(path, key) >= (:first, :first_key) AND (path, key) < (:last, :last_key)

-- name: scan_entries
SELECT {entry_columns} FROM shelf WHERE {between} AND {alive} ORDER BY path, key LIMIT :limit;

-- name: scan_entries_back
SELECT {entry_columns} FROM shelf WHERE {between} AND {alive} ORDER BY path DESC, key DESC LIMIT :limit;

-- name: shelf_paths
-- Leaps from path to path, however many entries stand at each.
WITH RECURSIVE places (path) AS (
    SELECT min(path) FROM shelf WHERE path >= :path AND path < :end
    UNION ALL
    SELECT (SELECT min(path) FROM shelf WHERE shelf.path > places.path AND shelf.path < :end)
    FROM places WHERE places.path IS NOT NULL
)
SELECT path FROM places
WHERE EXISTS (SELECT 1 FROM shelf WHERE shelf.path = places.path AND {alive});

-- name: one_longer
-- A path up to the end of the segment behind so many bytes.
substr(shelf.path, 1, :length + instr(substr(shelf.path, :length + 1), x'00'))

-- name: behind_longer
-- What is behind all that begins with such a path.
CAST(longer.path || x'ff' AS BLOB)

-- name: shelf_segments
-- Leaps from segment to segment, however much stands below each.
WITH RECURSIVE longer (path) AS (
    SELECT (SELECT {one_longer} FROM shelf WHERE path > :first AND path < :end ORDER BY path LIMIT 1)
    UNION ALL
    SELECT (
        SELECT {one_longer} FROM shelf WHERE shelf.path > {behind_longer} AND shelf.path < :end ORDER BY shelf.path LIMIT 1
    )
    FROM longer WHERE longer.path IS NOT NULL
)
SELECT path FROM longer
WHERE EXISTS (SELECT 1 FROM shelf WHERE shelf.path >= longer.path AND shelf.path < {behind_longer} AND {alive});

-- name: entries_across
SELECT {entry_columns} FROM shelf
WHERE path IN (SELECT CAST(:before || value || :behind AS BLOB) FROM json_each(:segments)) AND {alive}
ORDER BY path, key;

-- Every query of the shelf by name; see queries.sql. Each is of one home, which is in the column `bank`, unless it says
-- otherwise. Paths are written so that their bytes are in their order.

-- name: entry_columns
-- What an entry is read from.
path, key, value, created, updated, expires, lifetime

-- name: alive
-- Whether an entry is still there for those who ask.
(shelf.expires IS NULL OR shelf.expires > %(now)s)

-- name: put_entry
-- What expired is as good as gone: it neither is kept nor lends its age.
INSERT INTO shelf (bank, path, key, value, created, updated, expires, lifetime)
VALUES (%(home)s, %(path)s, %(key)s, %(value)s, %(now)s, %(now)s, %(expires)s, %(lifetime)s)
ON CONFLICT (bank, path, key) DO UPDATE
SET value = excluded.value,
    created = CASE WHEN {alive} THEN shelf.created ELSE excluded.created END,
    updated = excluded.updated,
    expires = excluded.expires,
    lifetime = excluded.lifetime
WHERE NOT (%(keep)s::boolean AND {alive});

-- name: entry_lifetime
SELECT lifetime FROM shelf WHERE bank = %(home)s AND path = %(path)s AND key = %(key)s AND expires > %(now)s;

-- name: touch_entry
UPDATE shelf SET expires = %(expires)s WHERE bank = %(home)s AND path = %(path)s AND key = %(key)s;

-- name: remove_entry
DELETE FROM shelf WHERE bank = %(home)s AND path = %(path)s AND key = %(key)s;

-- name: remove_entries
DELETE FROM shelf WHERE bank = %(home)s AND path >= %(path)s AND path < %(end)s;

-- name: sweep_entries
WITH swept AS MATERIALIZED (
    SELECT path, key FROM shelf WHERE bank = %(home)s AND expires <= %(now)s
    ORDER BY expires LIMIT nullif(%(limit)s, -1)
)
DELETE FROM shelf USING swept WHERE shelf.bank = %(home)s AND shelf.path = swept.path AND shelf.key = swept.key;

-- name: get_entry
SELECT {entry_columns} FROM shelf WHERE bank = %(home)s AND path = %(path)s AND key = %(key)s AND {alive};

-- name: between
-- The last is left out.
(path, key) >= (%(first)s, %(first_key)s) AND (path, key) < (%(last)s, %(last_key)s)

-- name: scan_entries
SELECT {entry_columns} FROM shelf
WHERE bank = %(home)s AND {between} AND {alive} ORDER BY path, key LIMIT nullif(%(limit)s, -1);

-- name: scan_entries_back
SELECT {entry_columns} FROM shelf
WHERE bank = %(home)s AND {between} AND {alive} ORDER BY path DESC, key DESC LIMIT nullif(%(limit)s, -1);

-- name: scan_entries_of_all
-- Over all homes, like the one below.
SELECT {entry_columns} FROM shelf WHERE {between} AND {alive} ORDER BY path, key LIMIT nullif(%(limit)s, -1);

-- name: scan_entries_back_of_all
SELECT {entry_columns} FROM shelf
WHERE {between} AND {alive} ORDER BY path DESC, key DESC LIMIT nullif(%(limit)s, -1);

-- name: shelf_paths
-- Leaps from path to path, however many entries stand at each.
WITH RECURSIVE places (path) AS (
    (
        SELECT path FROM shelf WHERE bank = %(home)s AND path >= %(path)s AND path < %(end)s ORDER BY path LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT shelf.path FROM shelf
        WHERE shelf.bank = %(home)s AND shelf.path > places.path AND shelf.path < %(end)s ORDER BY shelf.path LIMIT 1
    )
    FROM places WHERE places.path IS NOT NULL
)
SELECT path FROM places
WHERE EXISTS (SELECT 1 FROM shelf WHERE shelf.bank = %(home)s AND shelf.path = places.path AND {alive})
ORDER BY path;

-- name: shelf_paths_of_all
-- Over all homes, likewise.
WITH RECURSIVE places (path) AS (
    (SELECT path FROM shelf WHERE path >= %(path)s AND path < %(end)s ORDER BY path LIMIT 1)
    UNION ALL
    SELECT (
        SELECT shelf.path FROM shelf WHERE shelf.path > places.path AND shelf.path < %(end)s ORDER BY shelf.path LIMIT 1
    )
    FROM places WHERE places.path IS NOT NULL
)
SELECT path FROM places
WHERE EXISTS (SELECT 1 FROM shelf WHERE shelf.path = places.path AND {alive})
ORDER BY path;

-- name: one_longer
-- A path up to the end of the segment behind so many bytes.
substr(shelf.path, 1, %(length)s::int + position('\x00'::bytea IN substr(shelf.path, %(length)s::int + 1)))

-- name: behind_longer
-- What is behind all that begins with such a path.
(longer.path || '\xff'::bytea)

-- name: shelf_segments
-- Leaps from segment to segment, however much stands below each. A leap has no upper bound, or all up to there may be
-- sorted for each, by an estimate of a few; and of EXISTS a join would be made, without an index.
WITH RECURSIVE longer (path) AS (
    SELECT (
        SELECT {one_longer} FROM shelf
        WHERE shelf.bank = %(home)s AND shelf.path > %(first)s ORDER BY shelf.path LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT {one_longer} FROM shelf
        WHERE shelf.bank = %(home)s AND shelf.path > {behind_longer} ORDER BY shelf.path LIMIT 1
    )
    FROM longer WHERE longer.path < %(end)s
)
SELECT path FROM longer
WHERE path < %(end)s AND (
    SELECT true FROM shelf
    WHERE shelf.bank = %(home)s AND shelf.path >= longer.path AND shelf.path < {behind_longer} AND {alive}
    ORDER BY shelf.path LIMIT 1
)
ORDER BY path;

-- name: shelf_segments_of_all
-- Over all homes, likewise.
WITH RECURSIVE longer (path) AS (
    SELECT (SELECT {one_longer} FROM shelf WHERE shelf.path > %(first)s ORDER BY shelf.path LIMIT 1)
    UNION ALL
    SELECT (SELECT {one_longer} FROM shelf WHERE shelf.path > {behind_longer} ORDER BY shelf.path LIMIT 1)
    FROM longer WHERE longer.path < %(end)s
)
SELECT path FROM longer
WHERE path < %(end)s AND (
    SELECT true FROM shelf WHERE shelf.path >= longer.path AND shelf.path < {behind_longer} AND {alive}
    ORDER BY shelf.path LIMIT 1
)
ORDER BY path;

-- name: segment_read
-- Texts come as they are kept, see texts.py, and paths hold them as they are.
replace(replace(segment, E'\x01\x04', E'\x1f'), E'\x01\x03', E'\x01')

-- name: across
path = ANY(ARRAY(
    SELECT %(before)s::bytea || convert_to({segment_read}, 'UTF8') || %(behind)s::bytea
    FROM unnest(%(segments)s::text[]) AS segment
))

-- name: entries_across
SELECT {entry_columns} FROM shelf WHERE bank = %(home)s AND {across} AND {alive} ORDER BY path, key;

-- name: entries_across_all
-- Over all homes, likewise.
SELECT {entry_columns} FROM shelf WHERE {across} AND {alive} ORDER BY path, key;

-- name: shelf_homes
-- Over all homes: those of what stands at a path and below it.
SELECT DISTINCT bank FROM shelf WHERE path >= %(path)s AND path < %(end)s ORDER BY bank;

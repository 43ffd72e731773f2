-- Names that callers know to be in what they retain.

ALTER TABLE events ADD COLUMN entities TEXT NOT NULL DEFAULT '[]';

-- The end of an item that was longer before is looked for by its key.
CREATE INDEX events_of_key ON events (bank, key, position);

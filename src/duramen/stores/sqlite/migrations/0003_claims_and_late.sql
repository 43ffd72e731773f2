-- What memories claim, and codes of their token vectors.

ALTER TABLE vectors ADD COLUMN claims BLOB NOT NULL DEFAULT x'';

CREATE TABLE late (
    number INTEGER PRIMARY KEY REFERENCES memories (number) ON DELETE CASCADE,
    codes BLOB NOT NULL
) STRICT;

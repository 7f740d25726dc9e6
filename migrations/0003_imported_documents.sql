-- What was imported, document by document, so that a longer export of what is there already adds what is new: however often and in whatever
-- file a document comes, the same content is logged once.

CREATE TABLE imported_documents (
    -- The first 16 bytes of SHA-256 of what the line says: document type, id, all that was read, and the review.
    digest BLOB PRIMARY KEY CHECK (length(digest) = 16),
    -- The decision that it was logged as.
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

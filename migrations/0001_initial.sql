-- The log. Every decision is a card in `decisions`, by which it is found, and a packed record in `records`, by which it is recomputed.
--
-- Both tables only ever grow at their end, and so do the pages of their indexes, which keeps a decision cheap: one transaction of 64
-- decisions writes about 30 pages. Cards are small (some 90 bytes), so filters without an index of their own (document type, population,
-- route, caller, time) read cards from the newest on: about 0.1 s for a million.

CREATE TABLE decisions (
    -- Dense, in commit order; given by the writer.
    sequence INTEGER PRIMARY KEY,
    -- UUIDv7, big-endian, 16 bytes.
    id BLOB NOT NULL,
    -- Milliseconds since 1970-01-01T00:00:00Z.
    decided_at INTEGER NOT NULL,
    -- `tokens.id`, or 0 for anonymous callers and the commands. Not declared a foreign key: that would cost a look-up a decision.
    caller INTEGER NOT NULL,
    document_type TEXT NOT NULL,
    document_id TEXT NOT NULL,
    population TEXT,
    -- 0 confident, 1 review, 2 manual.
    route INTEGER NOT NULL,
    quality_assurance INTEGER NOT NULL,
    -- sequence >> 10 << 32 | FNV-1a (32 bits) of the UTF-8 of `document_id`: a run of 1,024 decisions, then the id.
    document_key INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX decisions_by_id ON decisions (id);

-- By run first: an index by document id alone would touch another page for every decision (4 KiB each in the write-ahead log, and again
-- at the checkpoint). So a transaction touches the few pages of one run, and a look-up seeks once a run. One number rather than two: it
-- is compared in one step.
CREATE INDEX decisions_by_document ON decisions (document_key);

CREATE TABLE records (
    -- That of `decisions`; checked by `verify` rather than by a foreign key.
    sequence INTEGER PRIMARY KEY,
    -- Versioned binary format; its first byte is the version, its last four a checksum.
    record BLOB NOT NULL
) STRICT;

-- At most one key a decision; rows leave when they are older than the time keys are kept.
CREATE TABLE idempotency_keys (
    sequence INTEGER PRIMARY KEY,
    decided_at INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of the raw body.
    body_digest BLOB NOT NULL,
    UNIQUE (caller, key)
) STRICT;

CREATE TABLE reviews (
    sequence INTEGER PRIMARY KEY REFERENCES decisions (sequence),
    -- 0 approved, 1 modified, 2 rejected.
    verdict INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 2),
    reviewer TEXT,
    reviewed_at INTEGER,
    -- One byte an item, in the decision's order: 0 kept, 1 changed, 2 removed.
    outcomes BLOB NOT NULL,
    -- The items the reviewer added, packed.
    added BLOB NOT NULL
) STRICT;

CREATE TABLE policy_versions (
    document_type TEXT NOT NULL CHECK (length(document_type) BETWEEN 1 AND 128),
    version INTEGER NOT NULL CHECK (version >= 1),
    -- Canonical JSON.
    body BLOB NOT NULL,
    body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    change_reason TEXT,
    PRIMARY KEY (document_type, version)
) STRICT;

CREATE TABLE tokens (
    -- From 1; 0 is the anonymous caller.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('engine', 'reviewer', 'viewer', 'admin')),
    -- SHA-256 of the token's text, which is not stored.
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE audit_trail (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    action TEXT NOT NULL,
    document_type TEXT,
    -- JSON.
    body_before BLOB,
    body_after BLOB,
    reason TEXT
) STRICT;

-- How far the sources of imports have come; a source is named by the digest of its content.
CREATE TABLE imports (
    source TEXT PRIMARY KEY,
    lines INTEGER NOT NULL CHECK (lines >= 0)
) STRICT;

-- Single values: `generation` counts the changes of policies and tokens, `audit_salt` is the secret of the audit sample.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT;

INSERT INTO meta (name, value) VALUES ('generation', 0);

-- Rewritten to learn whether the disk takes writes again after a failure.
CREATE TABLE write_probe (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL
) STRICT;

-- What is logged stays as it is.

CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are immutable'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are immutable'); END;
CREATE TRIGGER records_no_update BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are immutable'); END;
CREATE TRIGGER records_no_delete BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are immutable'); END;
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are immutable'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are immutable'); END;
CREATE TRIGGER audit_trail_no_update BEFORE UPDATE ON audit_trail BEGIN SELECT RAISE(ABORT, 'the audit trail is immutable'); END;
CREATE TRIGGER audit_trail_no_delete BEFORE DELETE ON audit_trail BEGIN SELECT RAISE(ABORT, 'the audit trail is immutable'); END;
CREATE TRIGGER policy_versions_no_update BEFORE UPDATE ON policy_versions BEGIN SELECT RAISE(ABORT, 'policy versions are immutable'); END;
CREATE TRIGGER policy_versions_no_delete BEFORE DELETE ON policy_versions BEGIN SELECT RAISE(ABORT, 'policy versions are immutable'); END;

CREATE TRIGGER policy_versions_without_gaps BEFORE INSERT ON policy_versions
WHEN NEW.version <> 1 + coalesce((SELECT max(version) FROM policy_versions WHERE document_type = NEW.document_type), 0)
BEGIN SELECT RAISE(ABORT, 'policy versions are numbered from 1 without gaps'); END;

-- A token's name is never used twice, so its row stays; all that may change is that it is revoked, once.
CREATE TRIGGER tokens_no_delete BEFORE DELETE ON tokens BEGIN SELECT RAISE(ABORT, 'tokens are never removed'); END;
CREATE TRIGGER tokens_only_revoked BEFORE UPDATE ON tokens
WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.id <> OLD.id OR NEW.name <> OLD.name
    OR NEW.role <> OLD.role OR NEW.digest <> OLD.digest OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'a token may only be revoked, once'); END;

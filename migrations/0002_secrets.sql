-- A token's name and its secrets apart: a name may have several at a time, so that one can follow another without a gap. Decisions and
-- idempotency keys belong to the name, whose id stays what it was.

DROP TRIGGER tokens_no_delete;
DROP TRIGGER tokens_only_revoked;

ALTER TABLE tokens RENAME TO tokens_with_digests;

CREATE TABLE tokens (
    -- From 1; 0 is the anonymous caller.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('engine', 'reviewer', 'viewer', 'admin')),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE token_secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL REFERENCES tokens (id),
    -- SHA-256 of the token's text, which is not stored.
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    created_at INTEGER NOT NULL,
    -- Milliseconds since 1970-01-01T00:00:00Z; refused from then on. Null: never.
    expires_at INTEGER,
    -- The day it was last used, in days since 1970-01-01; null: never, or before days were kept.
    last_used INTEGER
) STRICT;

CREATE INDEX token_secrets_by_token ON token_secrets (token);

INSERT INTO tokens (id, name, role, created_at, revoked_at) SELECT id, name, role, created_at, revoked_at FROM tokens_with_digests ORDER BY id;
INSERT INTO token_secrets (token, digest, created_at) SELECT id, digest, created_at FROM tokens_with_digests ORDER BY id;
DROP TABLE tokens_with_digests;

-- A name is never used twice, so its row stays; all that may change is that it is revoked, once.
CREATE TRIGGER tokens_no_delete BEFORE DELETE ON tokens BEGIN SELECT RAISE(ABORT, 'tokens are never removed'); END;
CREATE TRIGGER tokens_only_revoked BEFORE UPDATE ON tokens
WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.id <> OLD.id OR NEW.name <> OLD.name
    OR NEW.role <> OLD.role OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'a token may only be revoked, once'); END;

-- A secret's life may be made shorter, never longer.
CREATE TRIGGER token_secrets_no_delete BEFORE DELETE ON token_secrets BEGIN SELECT RAISE(ABORT, 'secrets are never removed'); END;
CREATE TRIGGER token_secrets_only_shorter BEFORE UPDATE ON token_secrets
WHEN NEW.id <> OLD.id OR NEW.token <> OLD.token OR NEW.digest <> OLD.digest OR NEW.created_at <> OLD.created_at
    OR (OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at))
BEGIN SELECT RAISE(ABORT, 'a secret may only expire sooner'); END;
CREATE TRIGGER token_secrets_of_tokens_in_force BEFORE INSERT ON token_secrets
WHEN EXISTS (SELECT 1 FROM tokens WHERE id = NEW.token AND revoked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a revoked token gets no secret'); END;

-- By the store's own clock from now on, which goes on from the newest key and which nobody can set: as a date, the age of a key changed
-- with the machine's clock. `meta` keeps the clock (`clock`, in milliseconds).
ALTER TABLE idempotency_keys RENAME COLUMN decided_at TO logged_at;

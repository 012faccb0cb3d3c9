-- Files that come in piecemeal. Their bytes lie in the data folder; a row goes a day after it began, whatever became
-- of it, since the audit log has what is to last. The digests are known once all bytes are there; `run` is drawn then,
-- and is an earlier run where these bytes were judged before.

CREATE TABLE uploads (
    workspace TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    file_bytes BIGINT NOT NULL CHECK (file_bytes >= 0),
    said TEXT NOT NULL,
    actor TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL,
    file_digest TEXT,
    file_sha256 TEXT,
    run TEXT,
    completed_at TEXT,
    PRIMARY KEY (workspace, id),
    CHECK ((file_digest IS NULL) = (run IS NULL)),
    CHECK ((file_sha256 IS NULL) = (run IS NULL)),
    CHECK (completed_at IS NULL OR run IS NOT NULL)
);

CREATE INDEX uploads_by_end ON uploads (expires_at);

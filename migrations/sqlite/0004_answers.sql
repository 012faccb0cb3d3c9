-- Answers to requests that bore a key (`Idempotency-Key`), for a day. Without a status, the request is still being
-- answered by the process `lease`.
CREATE TABLE answers (
    workspace TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_key TEXT NOT NULL,
    lease INTEGER NOT NULL,
    asked_at TEXT NOT NULL,
    request_digest TEXT,
    status INTEGER,
    headers TEXT,
    body BLOB,
    PRIMARY KEY (workspace, actor, request_key),
    CHECK ((status IS NULL) = (request_digest IS NULL)),
    CHECK ((status IS NULL) = (headers IS NULL)),
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT;

CREATE INDEX answers_by_age ON answers (asked_at);

-- Exceptions of all runs, by what they are looked for.
CREATE INDEX exceptions_by_category ON kept_rows (workspace, category, run, record) WHERE category IS NOT NULL;
CREATE INDEX findings_by_code ON findings (workspace, code, run, record);

-- Runs, what they keep and what they load. Money is whole paise: one amount in 64 bits, sums as text, since
-- they may be wider and are added outside the database. The triggers are what "append only" means here.

CREATE TABLE entries (
    workspace TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    run TEXT,
    details TEXT NOT NULL,
    body_digest TEXT NOT NULL CHECK (length(body_digest) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (workspace, sequence)
) STRICT;

CREATE INDEX entries_of_run ON entries (workspace, run, sequence);

CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM entries WHERE workspace = NEW.workspace), 0)
BEGIN SELECT RAISE(ABORT, 'entries have no gaps'); END;

CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

-- `number` is short for the many rows that refer to it; outside, a run is its `id`. `lease` is the process
-- that the run belongs to while it is running.
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'correction')),
    status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'held', 'failed')),
    lease INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    file_bytes INTEGER NOT NULL CHECK (file_bytes >= 0),
    media_type TEXT NOT NULL,
    file_digest TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    way TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT,
    choice TEXT NOT NULL,
    evaluated_at TEXT NOT NULL,
    clock_replaced INTEGER NOT NULL CHECK (clock_replaced IN (0, 1)),
    contract TEXT NOT NULL,
    contract_version TEXT NOT NULL,
    contract_fingerprint TEXT NOT NULL,
    browser_receipt TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    rows_read INTEGER,
    rows_accepted INTEGER,
    rows_exceptions INTEGER,
    money_read TEXT,
    money_accepted TEXT,
    money_exceptions TEXT,
    found_by_server INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    verdict TEXT,
    entry_sequence INTEGER NOT NULL,
    entry_hash TEXT NOT NULL,
    UNIQUE (workspace, number),
    FOREIGN KEY (workspace, entry_sequence) REFERENCES entries (workspace, sequence),
    CHECK (rows_read = rows_accepted + rows_exceptions),
    CHECK ((money_read IS NULL) = (money_accepted IS NULL)),
    CHECK ((money_read IS NULL) = (money_exceptions IS NULL)),
    CHECK ((status = 'running') = (ended_at IS NULL)),
    CHECK (status NOT IN ('complete', 'held') OR (verdict IS NOT NULL AND rows_read IS NOT NULL))
) STRICT;

CREATE INDEX runs_by_age ON runs (workspace, id);
CREATE INDEX runs_by_file ON runs (workspace, file_digest, contract_fingerprint);
CREATE INDEX runs_going_on ON runs (lease) WHERE status = 'running';

CREATE TRIGGER runs_stay_as_they_ended BEFORE UPDATE ON runs
WHEN OLD.status <> 'running'
BEGIN SELECT RAISE(ABORT, 'a run that has ended does not change'); END;

CREATE TRIGGER runs_never_go BEFORE DELETE ON runs
BEGIN SELECT RAISE(ABORT, 'runs are never deleted'); END;

CREATE TABLE stages (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    stage TEXT NOT NULL,
    place INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    rows_in INTEGER NOT NULL,
    rows_out INTEGER NOT NULL,
    PRIMARY KEY (workspace, run, stage),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT;

-- Rows with findings, whole. An exception has a category; without one it is an accepted row with warnings.
CREATE TABLE kept_rows (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    raw BLOB NOT NULL,
    category TEXT,
    money INTEGER,
    state TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    warned INTEGER NOT NULL CHECK (warned IN (0, 1)),
    findings TEXT NOT NULL,
    PRIMARY KEY (workspace, run, record),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number),
    CHECK ((category IS NULL) = (state IS NULL))
) STRICT;

CREATE INDEX kept_exceptions ON kept_rows (workspace, run, record, category) WHERE category IS NOT NULL;
CREATE INDEX kept_warned ON kept_rows (workspace, run, record) WHERE warned;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

CREATE TRIGGER kept_rows_never_go BEFORE DELETE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

-- One line per finding of a kept row, slim, to filter by. `place` is the finding's place in its row.
CREATE TABLE findings (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    code TEXT NOT NULL,
    record INTEGER NOT NULL,
    place INTEGER NOT NULL,
    severity TEXT NOT NULL,
    column_number INTEGER,
    PRIMARY KEY (workspace, run, code, record, place)
) STRICT, WITHOUT ROWID;

-- How many kept rows answer a filter, so that no page counts them. An empty text is "any".
CREATE TABLE kept_totals (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    severity TEXT NOT NULL,
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    row_count INTEGER NOT NULL CHECK (row_count >= 0),
    money TEXT NOT NULL,
    PRIMARY KEY (workspace, run, severity, code, category)
) STRICT, WITHOUT ROWID;

-- Accepted rows, typed. Of the rows that count, one holds a key.
CREATE TABLE ledger (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    contract TEXT NOT NULL,
    row_key TEXT,
    day TEXT,
    region TEXT,
    product TEXT,
    sku TEXT,
    category TEXT,
    quantity INTEGER,
    unit_price INTEGER,
    money INTEGER,
    counts INTEGER NOT NULL DEFAULT 1 CHECK (counts IN (0, 1)),
    PRIMARY KEY (workspace, run, record),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX ledger_keys ON ledger (workspace, contract, row_key) WHERE counts;

-- What a run added to the sales, and all runs that count together. An empty text stands for none.
CREATE TABLE run_sales (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    region TEXT NOT NULL,
    product TEXT NOT NULL,
    category TEXT NOT NULL,
    day TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    units TEXT NOT NULL,
    revenue TEXT NOT NULL,
    PRIMARY KEY (workspace, run, region, product, category, day),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE sales (
    workspace TEXT NOT NULL,
    region TEXT NOT NULL,
    product TEXT NOT NULL,
    category TEXT NOT NULL,
    day TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    units TEXT NOT NULL,
    revenue TEXT NOT NULL,
    PRIMARY KEY (workspace, region, product, category, day)
) STRICT, WITHOUT ROWID;

-- A ledger that a million rows enter within seconds: a row says nothing that its run says, and stands in one index
-- besides its own place. Its scope is the workspace and contract within which its key is held once.

CREATE TABLE ledger_scopes (
    number INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    contract TEXT NOT NULL,
    UNIQUE (workspace, contract)
) STRICT;

INSERT INTO ledger_scopes (workspace, contract) SELECT DISTINCT workspace, contract FROM ledger ORDER BY 1, 2;

CREATE TABLE narrow_ledger (
    run INTEGER NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    scope INTEGER NOT NULL,
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
    waived TEXT,
    displaced_by_run INTEGER,
    displaced_by_record INTEGER,
    key_index TEXT GENERATED ALWAYS AS (row_key) VIRTUAL,
    PRIMARY KEY (run, record)
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_ledger (run, record, line, scope, row_key, day, region, product, sku, category, quantity, unit_price,
    money, counts, waived, displaced_by_run, displaced_by_record)
SELECT l.run, l.record, l.line, s.number, l.row_key, l.day, l.region, l.product, l.sku, l.category, l.quantity,
    l.unit_price, l.money, l.counts, l.waived, l.displaced_by_run, l.displaced_by_record
FROM ledger l JOIN ledger_scopes s ON s.workspace = l.workspace AND s.contract = l.contract
ORDER BY l.run, l.record;

DROP TABLE ledger;
ALTER TABLE narrow_ledger RENAME TO ledger;

CREATE UNIQUE INDEX ledger_keys ON ledger (scope, key_index) WHERE counts;
CREATE INDEX ledger_keyless ON ledger (scope, run, record) WHERE counts AND row_key IS NULL;
CREATE INDEX ledger_left ON ledger (scope, run, record) WHERE NOT counts;
CREATE INDEX ledger_left_keys ON ledger (scope, key_index, run, record) WHERE NOT counts;
CREATE INDEX ledger_displaced ON ledger (displaced_by_run, displaced_by_record) WHERE displaced_by_run IS NOT NULL;

-- What the rows of a run that stand in a cell are found by: a list of their records, all that were ever loaded; none
-- where they are many, or the cell was written otherwise than by the run's loading. No row's amount is beyond `lowest`
-- and `highest`, where they are known.
ALTER TABLE run_sales ADD COLUMN records TEXT;
ALTER TABLE run_sales ADD COLUMN lowest INTEGER;
ALTER TABLE run_sales ADD COLUMN highest INTEGER;

CREATE INDEX run_sales_by_cell ON run_sales (workspace, day, region, product, category, run);
CREATE INDEX run_sales_by_highest ON run_sales (workspace, (coalesce(highest, 9223372036854775807)), run);
CREATE INDEX run_sales_by_lowest ON run_sales (workspace, (coalesce(lowest, -9223372036854775807)), run);

DROP INDEX sales_by_cell;

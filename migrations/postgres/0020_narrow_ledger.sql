-- A ledger that a million rows enter within seconds: a row says nothing that its run says, and stands in one index
-- besides its own place. A long key stands in it as its beginning and digest. Its scope is the workspace and contract within which its key is held once.

CREATE TABLE ledger_scopes (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace TEXT COLLATE "C" NOT NULL,
    contract TEXT COLLATE "C" NOT NULL,
    UNIQUE (workspace, contract)
);

INSERT INTO ledger_scopes (workspace, contract) SELECT DISTINCT workspace, contract FROM ledger ORDER BY 1, 2;

CREATE TABLE narrow_ledger (
    run BIGINT NOT NULL,
    record BIGINT NOT NULL,
    line BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    row_key TEXT COLLATE "C",
    day TEXT COLLATE "C",
    region TEXT COLLATE "C",
    product TEXT COLLATE "C",
    sku TEXT COLLATE "C",
    category TEXT COLLATE "C",
    quantity BIGINT,
    unit_price BIGINT,
    money BIGINT,
    counts BOOLEAN NOT NULL DEFAULT true,
    waived TEXT,
    displaced_by_run BIGINT,
    displaced_by_record BIGINT,
    key_index TEXT COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN octet_length(row_key) <= 500 THEN row_key
        ELSE substr(row_key, 1, 48) || encode(sha256(replace(row_key, E'\\', E'\\\\')::bytea), 'hex') || repeat(' ', 500)
        END
    ) STORED,
    PRIMARY KEY (run, record)
);

INSERT INTO narrow_ledger (run, record, line, scope, row_key, day, region, product, sku, category, quantity, unit_price,
    money, counts, waived, displaced_by_run, displaced_by_record)
SELECT l.run, l.record, l.line, s.number, l.row_key, l.day, l.region, l.product, l.sku, l.category, l.quantity,
    l.unit_price, l.money, l.counts, l.waived, l.displaced_by_run, l.displaced_by_record
FROM ledger l JOIN ledger_scopes s ON s.workspace = l.workspace AND s.contract = l.contract
ORDER BY l.run, l.record;

DROP TABLE ledger;
ALTER TABLE narrow_ledger RENAME TO ledger;
ALTER INDEX narrow_ledger_pkey RENAME TO ledger_pkey;

CREATE UNIQUE INDEX ledger_keys ON ledger (scope, key_index) WHERE counts;
CREATE INDEX ledger_keyless ON ledger (scope, run, record) WHERE counts AND row_key IS NULL;
CREATE INDEX ledger_left ON ledger (scope, run, record) WHERE NOT counts;
CREATE INDEX ledger_left_keys ON ledger (scope, key_index, run, record) WHERE NOT counts;
CREATE INDEX ledger_displaced ON ledger (displaced_by_run, displaced_by_record) WHERE displaced_by_run IS NOT NULL;

-- What the rows of a run that stand in a cell are found by: a list of their records, all that were ever loaded; none
-- where they are many, or the cell was written otherwise than by the run's loading. No row's amount is beyond `lowest`
-- and `highest`, where they are known.
ALTER TABLE run_sales ADD COLUMN records TEXT;
ALTER TABLE run_sales ADD COLUMN lowest BIGINT;
ALTER TABLE run_sales ADD COLUMN highest BIGINT;

CREATE INDEX run_sales_by_cell ON run_sales (workspace, day, region, product, category, run);
CREATE INDEX run_sales_by_highest ON run_sales (workspace, (coalesce(highest, 9223372036854775807)), run);
CREATE INDEX run_sales_by_lowest ON run_sales (workspace, (coalesce(lowest, -9223372036854775807)), run);

DROP INDEX sales_by_cell;

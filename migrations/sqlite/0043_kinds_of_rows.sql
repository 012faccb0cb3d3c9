-- Region, product, SKU and category are the same in thousands of rows of a run. They stand once in `ledger_kinds`, and a
-- row says which of them it is: the ledger is smaller for that, and written sooner. `ledger_rows` is rows with what
-- their kinds say; who adds a column to the ledger makes it anew.
CREATE TABLE ledger_kinds (
    run INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    region TEXT,
    product TEXT,
    sku TEXT,
    category TEXT,
    PRIMARY KEY (run, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_kinds (run, kind, region, product, sku, category)
SELECT run, row_number() OVER (PARTITION BY run ORDER BY region, product, sku, category), region, product, sku, category
FROM (SELECT DISTINCT run, region, product, sku, category FROM ledger);

CREATE TABLE lighter_ledger (
    run INTEGER NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    row_key TEXT,
    day TEXT,
    kind INTEGER NOT NULL,
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

CREATE INDEX kinds_by_text ON ledger_kinds (run, region, product, sku, category);

INSERT INTO lighter_ledger (run, record, line, scope, row_key, day, kind, quantity, unit_price, money, counts, waived,
    displaced_by_run, displaced_by_record)
SELECT l.run, l.record, l.line, l.scope, l.row_key, l.day, k.kind, l.quantity, l.unit_price, l.money, l.counts, l.waived,
    l.displaced_by_run, l.displaced_by_record
FROM ledger l CROSS JOIN ledger_kinds k
WHERE k.run = l.run AND k.region IS l.region AND k.product IS l.product AND k.sku IS l.sku AND k.category IS l.category
ORDER BY l.run, l.record;

DROP INDEX kinds_by_text;
DROP VIEW keyed_ledger;
DROP TABLE ledger;
ALTER TABLE lighter_ledger RENAME TO ledger;

CREATE UNIQUE INDEX ledger_keys ON ledger (scope, key_index) WHERE counts;
CREATE INDEX ledger_keyless ON ledger (scope, run, record) WHERE counts AND row_key IS NULL;
CREATE INDEX ledger_left ON ledger (scope, run, record) WHERE NOT counts;
CREATE INDEX ledger_left_keys ON ledger (scope, key_index, run, record) WHERE NOT counts;
CREATE INDEX ledger_displaced ON ledger (displaced_by_run, displaced_by_record) WHERE displaced_by_run IS NOT NULL;

CREATE VIEW ledger_rows AS
SELECT l.run, l.record, l.line, l.scope, l.row_key, l.day, k.region, k.product, k.sku, k.category, l.quantity,
    l.unit_price, l.money, l.counts, l.waived, l.displaced_by_run, l.displaced_by_record, l.key_index
FROM ledger l LEFT JOIN ledger_kinds k ON k.run = l.run AND k.kind = l.kind;

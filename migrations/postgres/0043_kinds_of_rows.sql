-- Region, product, SKU and category are the same in thousands of rows of a run. They stand once in `ledger_kinds`, and a
-- row says which of them it is: the ledger is smaller for that, and written sooner. `ledger_rows` is rows with what
-- their kinds say and what the index of keys has of them; who adds a column to the ledger makes it anew.
CREATE TABLE ledger_kinds (
    run BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    region TEXT COLLATE "C",
    product TEXT COLLATE "C",
    sku TEXT COLLATE "C",
    category TEXT COLLATE "C",
    PRIMARY KEY (run, kind)
);

INSERT INTO ledger_kinds (run, kind, region, product, sku, category)
SELECT run, row_number() OVER (PARTITION BY run ORDER BY region, product, sku, category), region, product, sku, category
FROM (SELECT DISTINCT run, region, product, sku, category FROM ledger) d;

ANALYZE ledger_kinds;

CREATE TABLE lighter_ledger (
    run BIGINT NOT NULL,
    record BIGINT NOT NULL,
    line BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    row_key TEXT COLLATE "C",
    day TEXT COLLATE "C",
    kind BIGINT NOT NULL,
    quantity BIGINT,
    unit_price BIGINT,
    money BIGINT,
    counts BOOLEAN NOT NULL DEFAULT true,
    waived TEXT,
    displaced_by_run BIGINT,
    displaced_by_record BIGINT
);

-- Arrays are the same where both have nothing in a place, and are compared by their digests.
INSERT INTO lighter_ledger (run, record, line, scope, row_key, day, kind, quantity, unit_price, money, counts, waived,
    displaced_by_run, displaced_by_record)
SELECT l.run, l.record, l.line, l.scope, l.row_key, l.day, k.kind, l.quantity, l.unit_price, l.money, l.counts, l.waived,
    l.displaced_by_run, l.displaced_by_record
FROM ledger l JOIN ledger_kinds k
ON k.run = l.run AND ARRAY[k.region, k.product, k.sku, k.category] = ARRAY[l.region, l.product, l.sku, l.category]
ORDER BY l.run, l.record;

DROP VIEW keyed_ledger;
DROP TABLE ledger;
ALTER TABLE lighter_ledger RENAME TO ledger;
ALTER TABLE ledger ADD CONSTRAINT ledger_pkey PRIMARY KEY (run, record);

CREATE UNIQUE INDEX ledger_keys ON ledger (scope, key_index(row_key)) WHERE counts;
CREATE INDEX ledger_keyless ON ledger (scope, run, record) WHERE counts AND row_key IS NULL;
CREATE INDEX ledger_left ON ledger (scope, run, record) WHERE NOT counts;
CREATE INDEX ledger_left_keys ON ledger (scope, key_index(row_key), run, record) WHERE NOT counts;
CREATE INDEX ledger_displaced ON ledger (displaced_by_run, displaced_by_record) WHERE displaced_by_run IS NOT NULL;

-- Of an expression PostgreSQL knows nothing before it has looked, and would read the whole ledger for a key meanwhile.
ANALYZE ledger;

CREATE VIEW ledger_rows AS
SELECT l.run, l.record, l.line, l.scope, l.row_key, l.day, k.region, k.product, k.sku, k.category, l.quantity,
    l.unit_price, l.money, l.counts, l.waived, l.displaced_by_run, l.displaced_by_record, key_index(l.row_key) AS key_index
FROM ledger l LEFT JOIN ledger_kinds k ON k.run = l.run AND k.kind = l.kind;

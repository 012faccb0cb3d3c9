-- Sales by SKU: it is the fifth part of a cell, behind the others. An empty text stands for none.

CREATE TABLE run_sales_by_sku (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    region TEXT NOT NULL,
    product TEXT NOT NULL,
    category TEXT NOT NULL,
    day TEXT NOT NULL,
    sku TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    units TEXT NOT NULL,
    revenue TEXT NOT NULL,
    records TEXT,
    lowest INTEGER,
    highest INTEGER,
    PRIMARY KEY (workspace, run, region, product, category, day, sku),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO run_sales_by_sku (workspace, run, region, product, category, day, sku, row_count, units, revenue, records,
    lowest, highest)
SELECT workspace, run, region, product, category, day, '', row_count, units, revenue, records, lowest, highest
FROM run_sales;

DROP TABLE run_sales;
ALTER TABLE run_sales_by_sku RENAME TO run_sales;

CREATE INDEX run_sales_by_day ON run_sales (workspace, run, day);
CREATE INDEX run_sales_by_cell ON run_sales (workspace, day, region, product, category, sku, run);
CREATE INDEX run_sales_by_highest ON run_sales (workspace, (coalesce(highest, 9223372036854775807)), run);
CREATE INDEX run_sales_by_lowest ON run_sales (workspace, (coalesce(lowest, -9223372036854775807)), run);

CREATE TABLE sales_by_sku (
    workspace TEXT NOT NULL,
    region TEXT NOT NULL,
    product TEXT NOT NULL,
    category TEXT NOT NULL,
    day TEXT NOT NULL,
    sku TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    units TEXT NOT NULL,
    revenue TEXT NOT NULL,
    PRIMARY KEY (workspace, region, product, category, day, sku)
) STRICT, WITHOUT ROWID;

INSERT INTO sales_by_sku (workspace, region, product, category, day, sku, row_count, units, revenue)
SELECT workspace, region, product, category, day, '', row_count, units, revenue FROM sales;

DROP TABLE sales;
ALTER TABLE sales_by_sku RENAME TO sales;

CREATE INDEX sales_by_day ON sales (workspace, day, region, product, category, sku, row_count, units, revenue);

-- Runs from before this with rows that have a SKU: their sums are made anew when the store is opened, before anybody
-- reads them.
CREATE TABLE sales_without_sku (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO sales_without_sku (workspace, run)
SELECT r.workspace, r.number FROM runs r
WHERE EXISTS (SELECT 1 FROM ledger l WHERE l.run = r.number AND l.sku > '');

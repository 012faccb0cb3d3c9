-- Sales by SKU: it is the fifth part of a cell, behind the others. An empty text stands for none.

ALTER TABLE run_sales ADD COLUMN sku TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE run_sales ALTER COLUMN sku DROP DEFAULT;
ALTER TABLE run_sales DROP CONSTRAINT run_sales_pkey;
ALTER TABLE run_sales ADD PRIMARY KEY (workspace, run, region, product, category, day, sku);

DROP INDEX run_sales_by_cell;
CREATE INDEX run_sales_by_cell ON run_sales (workspace, day, region, product, category, sku, run);

ALTER TABLE sales ADD COLUMN sku TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sales ALTER COLUMN sku DROP DEFAULT;
ALTER TABLE sales DROP CONSTRAINT sales_pkey;
ALTER TABLE sales ADD PRIMARY KEY (workspace, region, product, category, day, sku);

DROP INDEX sales_by_day;
CREATE INDEX sales_by_day ON sales (workspace, day, region, product, category, sku, row_count, units, revenue);

-- Runs from before this with rows that have a SKU: their sums are made anew when the store is opened, before anybody
-- reads them.
CREATE TABLE sales_without_sku (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

INSERT INTO sales_without_sku (workspace, run)
SELECT r.workspace, r.number FROM runs r
WHERE EXISTS (SELECT 1 FROM ledger l WHERE l.run = r.number AND l.sku > '');

-- Rows by revenue are found by the bounds of months: there are some hundred of them in a run, where its cells, of days, are
-- ten thousands, each of which would stand in four indices for that. No row of the run that is of this region, product,
-- category, SKU and month has an amount beyond them.
CREATE TABLE run_bounds (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    sku TEXT COLLATE "C" NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    lowest BIGINT NOT NULL,
    highest BIGINT NOT NULL,
    UNIQUE (workspace, run, region, product, category, sku, month)
);

INSERT INTO run_bounds (workspace, run, region, product, category, sku, month, lowest, highest)
SELECT workspace, run, region, product, category, sku, substr(day, 1, 7),
    min(coalesce(lowest, -9223372036854775807)), max(coalesce(highest, 9223372036854775807))
FROM run_sales GROUP BY workspace, run, region, product, category, sku, substr(day, 1, 7);

ANALYZE run_bounds;

CREATE INDEX run_bounds_by_highest ON run_bounds (workspace, highest, run);
CREATE INDEX run_bounds_by_lowest ON run_bounds (workspace, lowest, run);
CREATE INDEX run_bounds_by_product_highest ON run_bounds (workspace, product, highest, run);
CREATE INDEX run_bounds_by_product_lowest ON run_bounds (workspace, product, lowest, run);

DROP INDEX IF EXISTS run_sales_by_highest;
DROP INDEX IF EXISTS run_sales_by_lowest;
DROP INDEX IF EXISTS run_sales_by_product_highest;
DROP INDEX IF EXISTS run_sales_by_product_lowest;

-- The first and the last day of a run that has rows with one which count.
CREATE TABLE run_days (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    first_day TEXT COLLATE "C" NOT NULL,
    last_day TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, run)
);

INSERT INTO run_days (workspace, run, first_day, last_day)
SELECT workspace, run, min(day), max(day) FROM run_sales WHERE day > '' GROUP BY workspace, run;

DROP INDEX IF EXISTS run_sales_by_day;

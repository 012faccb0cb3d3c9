-- How far the sums of earlier runs have come to have SKUs: a run that is told has them in its own cells, and leaves this
-- list when those of its workspace have them too.
ALTER TABLE sales_without_sku ADD COLUMN told BOOLEAN NOT NULL DEFAULT FALSE;

-- Grows with every change of a workspace's sales, so that whoever remembers them knows whether they still hold.
CREATE TABLE sales_versions (
    workspace TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

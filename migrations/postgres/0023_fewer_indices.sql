-- Indices that cost a run's time and that nothing needs: findings are looked for in a run, which their own order serves,
-- and exceptions in order of category run by run.
DROP INDEX findings_by_code;
DROP INDEX exceptions_by_category;

-- The exceptions of a run that is going on, counted as they are kept: by what they sell, and once for each code of theirs
-- and once for none. An empty text of the others stands for none.
CREATE TABLE kept_sums (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    product_category TEXT COLLATE "C" NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    money_high BIGINT NOT NULL,
    money_low BIGINT NOT NULL,
    PRIMARY KEY (workspace, run, product_category, product, code, category, region, state)
);

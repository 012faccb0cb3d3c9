-- Indices that cost a run's time and that nothing needs: findings are looked for in a run, which their own order serves,
-- and exceptions in order of category run by run.
DROP INDEX findings_by_code;
DROP INDEX exceptions_by_category;

-- The exceptions of a run that is going on, counted as they are kept: by what they sell, and once for each code of theirs
-- and once for none. An empty text of the others stands for none.
CREATE TABLE kept_sums (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    product_category TEXT NOT NULL,
    product TEXT NOT NULL,
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    money_high INTEGER NOT NULL,
    money_low INTEGER NOT NULL,
    PRIMARY KEY (workspace, run, product_category, product, code, category, region, state)
) STRICT, WITHOUT ROWID;

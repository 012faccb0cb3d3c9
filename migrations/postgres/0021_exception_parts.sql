-- Exceptions by what they sell. `product` is the list's word for what the row says, where the list knows it, and
-- `product_category` the list's category of it, or "Other" where the row says a product that the list does not know. A
-- row that says none has neither.

ALTER TABLE kept_rows ADD COLUMN product TEXT COLLATE "C";
ALTER TABLE kept_rows ADD COLUMN product_category TEXT COLLATE "C";

-- Runs from before this: their files are asked once what their exceptions say, of their regions too, since runs from
-- before those were kept have none either.
CREATE TABLE unread_exceptions (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

INSERT INTO unread_exceptions (workspace, run)
SELECT t.workspace, t.run FROM kept_totals t JOIN runs r ON r.number = t.run AND r.status IN ('complete', 'held')
WHERE t.severity = 'error' AND t.code = '' AND t.category = '' AND t.row_count > 0;

CREATE OR REPLACE FUNCTION exceptions_keep_what_was_found() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
        AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
            OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings, NEW.row_key)
                IS DISTINCT FROM
                (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings, OLD.row_key)
            OR (NEW.category, NEW.money) IS DISTINCT FROM (OLD.category, OLD.money)
            OR (NEW.region, NEW.product, NEW.product_category)
                IS DISTINCT FROM (OLD.region, OLD.product, OLD.product_category))
        AND NOT ((NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings, NEW.row_key)
                IS NOT DISTINCT FROM
                (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings, OLD.row_key)
            AND (NEW.category, NEW.money, NEW.state, NEW.version, NEW.assignee)
                IS NOT DISTINCT FROM (OLD.category, OLD.money, OLD.state, OLD.version, OLD.assignee)
            AND EXISTS (SELECT 1 FROM unread_exceptions u WHERE u.workspace = OLD.workspace AND u.run = OLD.run)) THEN
        RAISE EXCEPTION 'exceptions are append-only';
    END IF;
    RETURN NEW;
END
$$;

-- What exceptions are counted by besides: a product within a category, and a category as a whole, whose product is
-- empty. An empty text of the others stands for none.
CREATE TABLE exception_parts (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace TEXT COLLATE "C" NOT NULL,
    of_category BOOLEAN NOT NULL,
    product_category TEXT COLLATE "C" NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    UNIQUE (workspace, of_category, product_category, product)
);

-- As `run_exceptions` and `span_exceptions`, of one part each.
CREATE TABLE run_part_exceptions (
    part BIGINT NOT NULL REFERENCES exception_parts (number),
    code TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    money_high BIGINT NOT NULL,
    money_low BIGINT NOT NULL,
    PRIMARY KEY (part, code, run, category, region, state)
);

CREATE INDEX run_part_exceptions_of_run ON run_part_exceptions (run);

CREATE TABLE span_part_exceptions (
    part BIGINT NOT NULL REFERENCES exception_parts (number),
    code TEXT COLLATE "C" NOT NULL,
    span TEXT COLLATE "C" NOT NULL,
    of_file BOOLEAN NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    money_high BIGINT NOT NULL,
    money_low BIGINT NOT NULL,
    PRIMARY KEY (part, code, span, of_file, category, region, state)
);

-- A run's rows by region, as its file brought them, whatever became of them since; an empty text where a row says none.
CREATE TABLE run_regions (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    accepted BIGINT NOT NULL,
    exceptions BIGINT NOT NULL,
    PRIMARY KEY (workspace, run, region),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

INSERT INTO run_regions (workspace, run, region, accepted, exceptions)
SELECT e.workspace, e.run, e.region, sum(e.accepted), sum(e.exceptions) FROM (
    SELECT r.workspace, l.run, substr(coalesce(l.region, ''), 1, 150) AS region, count(*) AS accepted, 0 AS exceptions
    FROM ledger l JOIN runs r ON r.number = l.run GROUP BY r.workspace, l.run, substr(coalesce(l.region, ''), 1, 150)
    UNION ALL SELECT k.workspace, k.run, coalesce(k.region, ''), 0, count(*)
    FROM kept_rows k JOIN runs r ON r.number = k.run AND r.status = 'complete'
    WHERE k.category IS NOT NULL GROUP BY k.workspace, k.run, coalesce(k.region, '')) e
GROUP BY e.workspace, e.run, e.region;

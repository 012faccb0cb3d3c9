-- Exceptions are found by the column in which a cell of theirs fails. Errors of a column are counted by code, and all of
-- them under the empty one; `row_count` are the rows that have some. A name stands for one column of a run's file: where
-- several have it, the later ones are told by their numbers too.
DROP TABLE run_columns;

CREATE TABLE run_columns (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    code TEXT NOT NULL,
    column_number INTEGER NOT NULL,
    failed INTEGER NOT NULL CHECK (failed > 0),
    row_count INTEGER NOT NULL CHECK (row_count BETWEEN 1 AND failed),
    PRIMARY KEY (workspace, run, column_name, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO run_columns (workspace, run, column_name, code, column_number, failed, row_count)
SELECT workspace, run, CASE WHEN place = min(place) OVER (PARTITION BY workspace, run, name) THEN name
    ELSE name || ' (' || place || ')' END, code, place, failed, row_count
FROM (
    SELECT f.workspace, f.run, f.code, f.place, f.failed, f.row_count,
        coalesce(json_extract(r.verdict, '$.options.columns[' || (f.place - 1) || '].column'),
            json_extract(r.verdict, '$.options.columns[' || (f.place - 1) || '].header'), 'Column ' || f.place) AS name
    FROM (
        SELECT workspace, run, code, column_number AS place, count(*) AS failed, count(DISTINCT record) AS row_count
        FROM findings WHERE severity = 'error' AND column_number IS NOT NULL
        GROUP BY workspace, run, code, column_number
        UNION ALL
        SELECT workspace, run, '', column_number, count(*), count(DISTINCT record)
        FROM findings WHERE severity = 'error' AND column_number IS NOT NULL
        GROUP BY workspace, run, column_number) f
    JOIN runs r ON r.number = f.run AND r.verdict IS NOT NULL) named
WHERE failed > 0
ON CONFLICT (workspace, run, column_name, code) DO NOTHING;

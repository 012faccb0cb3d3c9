-- What fails in each column of a run that is not judged yet, counted as its rows are kept: `run_columns` gets it at the end.
CREATE TABLE kept_columns (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    column_number INTEGER NOT NULL,
    code TEXT NOT NULL,
    failed INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (workspace, run, column_number, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

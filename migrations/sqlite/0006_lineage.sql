-- What a collector of OpenLineage was told of a run: its start, and its end. What has no line here is still to be sent.

CREATE TABLE lineage_sent (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('start', 'end')),
    sent_at TEXT NOT NULL,
    PRIMARY KEY (workspace, run, event),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

-- What OpenLineage is told of a run: its start, and its end, as they were said first. What has no line here is still to be
-- said.

CREATE TABLE lineage_events (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('start', 'end')),
    body TEXT NOT NULL,
    PRIMARY KEY (workspace, run, event),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT;

CREATE TRIGGER lineage_events_never_change BEFORE UPDATE ON lineage_events
BEGIN SELECT RAISE(ABORT, 'events of lineage are append-only'); END;

CREATE TRIGGER lineage_events_never_go BEFORE DELETE ON lineage_events
BEGIN SELECT RAISE(ABORT, 'events of lineage are append-only'); END;

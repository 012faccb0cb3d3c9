-- Each row that is put right by itself makes a run: files are listed apart from those.
CREATE INDEX runs_by_kind ON runs (workspace, kind, id);

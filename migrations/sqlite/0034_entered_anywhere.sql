-- With which file a row of the ledger came is one look, whichever way it entered later.
DROP INDEX exception_changes_of_entered;
CREATE INDEX exception_changes_of_entered ON exception_changes (workspace, entered_run, entered_record)
WHERE entered_run IS NOT NULL;

-- SQLite takes the changes of a workspace for a handful, and reads all of them rather than to follow an index that has not all
-- that is asked of it.
DROP INDEX exception_changes_of_entered;
CREATE INDEX exception_changes_of_entered ON exception_changes (workspace, entered_run, entered_record, event)
WHERE entered_run IS NOT NULL;

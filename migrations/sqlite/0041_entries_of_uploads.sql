-- Whether an upload has its entries is looked for among these alone.
CREATE INDEX entries_of_uploads ON entries (workspace, event, details)
WHERE event IN ('upload.begun', 'upload.completed');

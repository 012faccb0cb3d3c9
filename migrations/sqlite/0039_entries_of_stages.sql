-- Whether a stage has its entries is looked up here, without reading the entries themselves.
CREATE INDEX entries_of_stages ON entries (workspace, run, event, details) WHERE event IN ('stage.begun', 'stage.ended');

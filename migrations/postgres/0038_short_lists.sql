-- Lists that are handed in are short. Looked into as it is, the function was taken for a hundred values, for which half of
-- the ledger was read from end to end rather than to follow an index; a strict one is taken as it says.
CREATE OR REPLACE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE STRICT ROWS 10
AS $$ SELECT json_array_elements_text(list::json) $$;

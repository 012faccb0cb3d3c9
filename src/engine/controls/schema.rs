//! Controls of the dimension `schema`.

pub(crate) mod extra_column;
pub(crate) mod missing_column;
pub(crate) mod not_a_table;
pub(crate) mod ragged_row;
pub(crate) mod repeated_column_name;
pub(crate) mod unclosed_quote;
pub(crate) mod undecodable_text;

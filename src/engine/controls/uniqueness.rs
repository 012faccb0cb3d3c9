//! Controls of the dimension `uniqueness`.

pub(crate) mod key_already_in_ledger;
pub(crate) mod repeated_key;
pub(crate) mod repeated_row;

//! Controls of the dimension `reference`.

pub(crate) mod reference_disagrees;
pub(crate) mod synonym_used;
pub(crate) mod unknown_reference;

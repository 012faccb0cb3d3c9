//! Controls of the dimension `consistency`.

pub(crate) mod columns_disagree;
pub(crate) mod control_total_mismatch;

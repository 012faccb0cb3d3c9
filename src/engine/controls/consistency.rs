//! Controls of the dimension `consistency`.

pub(crate) mod columns_disagree;

//! Controls of the dimension `distribution`.

pub(crate) mod outlier;

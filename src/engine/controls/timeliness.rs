//! Controls of the dimension `timeliness`.

pub(crate) mod date_in_the_future;
pub(crate) mod outside_the_period;

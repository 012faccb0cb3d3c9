//! Controls of the dimension `validity`.

pub(crate) mod below_minimum;
pub(crate) mod excess_precision;
pub(crate) mod not_a_whole_number;
pub(crate) mod not_an_amount;
pub(crate) mod unreadable_date;
pub(crate) mod value_not_allowed;

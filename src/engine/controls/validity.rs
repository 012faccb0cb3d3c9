//! Controls of the dimension `validity`.

pub(crate) mod above_maximum;
pub(crate) mod ambiguous_date;
pub(crate) mod below_minimum;
pub(crate) mod excess_precision;
pub(crate) mod length_out_of_range;
pub(crate) mod not_a_number;
pub(crate) mod not_a_whole_number;
pub(crate) mod not_an_amount;
pub(crate) mod pattern_mismatch;
pub(crate) mod unreadable_date;
pub(crate) mod value_not_allowed;

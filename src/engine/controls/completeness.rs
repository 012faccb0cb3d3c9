//! Controls of the dimension `completeness`.

pub(crate) mod blank_required_value;

//! Controls of the dimension `volume`.

pub(crate) mod row_count_out_of_range;

//! One file for each control, one folder for each dimension of quality.

pub(crate) mod completeness;
pub(crate) mod consistency;
pub(crate) mod distribution;
pub(crate) mod reference;
pub(crate) mod schema;
pub(crate) mod timeliness;
pub(crate) mod uniqueness;
pub(crate) mod validity;
pub(crate) mod volume;

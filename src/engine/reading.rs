//! From bytes to records with their places: a survey of the whole file, then records piece by piece.
//!
//! The reader is our own because no crate gives positions, damage reports and pieces that can be read apart;
//! on well-formed input it equals the `csv` crate, which a property test holds it to.

pub(crate) mod decimal;
pub(crate) mod encoding;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod record;
pub(crate) mod returned;
pub(crate) mod sniff;
pub(crate) mod splice;
pub(crate) mod structure;
pub(crate) mod survey;
pub(crate) mod text;

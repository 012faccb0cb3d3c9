//! What several pages show alike.

pub(crate) mod balance;
pub(crate) mod chart;
pub(crate) mod control_table;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod days;
pub(crate) mod erase;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod filter_bar;
pub(crate) mod fragment;
pub(crate) mod goals;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod grid;
pub(crate) mod in_page;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod key_figure;
pub(crate) mod layout;
pub(crate) mod notes;
pub(crate) mod notice;
pub(crate) mod pasted;
pub(crate) mod phrase;
pub(crate) mod problems;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod reading;
pub(crate) mod tabs;
pub(crate) mod words;

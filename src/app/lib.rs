//! The pages: Leptos components, the server functions behind them, and the trait that these call.
//! One crate for both targets; what only a browser can do stands in `web` and `check::driver`.
#![expect(
    unreachable_pub,
    reason = "the component macro writes `pub` into what it makes of a `pub(crate)` function"
)]

pub mod backend;
pub mod calendar;
pub mod place;
pub mod queries;
pub mod status;

mod audit;
mod check;
mod clock;
mod controls;
mod exception;
pub mod exceptions;
#[cfg(not(target_arch = "wasm32"))]
mod filters;
mod format;
mod frame;
mod home;
mod icons;
pub mod json;
mod list;
#[cfg(not(target_arch = "wasm32"))]
mod markdown;
mod once;
mod parts;
mod quality;
#[cfg(not(target_arch = "wasm32"))]
pub mod refused;
mod root;
mod rows;
mod run;
mod runs;
mod sales;
mod search;
#[cfg(not(target_arch = "wasm32"))]
mod shell;
mod verify;
#[cfg(target_arch = "wasm32")]
mod web;
mod window;

pub use root::App;
#[cfg(not(target_arch = "wasm32"))]
pub use shell::shell;

//! The pages: Leptos components, the server functions behind them, and the trait that these call.

pub mod backend;

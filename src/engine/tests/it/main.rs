//! The engine's laws, natively and in WebAssembly.

mod documents;
mod files;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod receipts;
mod samples;

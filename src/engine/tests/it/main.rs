//! The engine's laws, natively and in WebAssembly.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(not(target_arch = "wasm32"))]
mod cases;
#[cfg(not(target_arch = "wasm32"))]
mod columns;
#[cfg(not(target_arch = "wasm32"))]
mod contracts;
#[cfg(not(target_arch = "wasm32"))]
mod corrections;
mod digests;
mod documents;
mod files;
mod keys;
#[cfg(not(target_arch = "wasm32"))]
mod laws;
#[cfg(not(target_arch = "wasm32"))]
mod lists;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
#[cfg(not(target_arch = "wasm32"))]
mod proposals;
mod reading;
mod receipts;
mod returned;
mod samples;
#[cfg(not(target_arch = "wasm32"))]
mod tables;
mod tolerances;
mod totals;
mod workbooks;
#[cfg(not(target_arch = "wasm32"))]
mod written;

//! The engine in a Web Worker, behind the messages of `model::message`. Nothing leaves the browser from here.
#![cfg(target_arch = "wasm32")]

mod blob;
mod desk;

pub use desk::start;

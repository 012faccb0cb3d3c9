//! The engine in a Web Worker, behind the messages of `model::message`. Nothing leaves the browser from here.
#![cfg(target_arch = "wasm32")]

mod blob;
mod contracts;
mod crew;
mod desk;
mod hand;
mod post;
pub mod sheets;
mod verify;

pub use desk::start;

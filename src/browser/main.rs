//! The program that Trunk builds. It is linked to the library for what that exports: the page calls `hydrate`.

#[cfg(target_arch = "wasm32")]
use browser as _;

fn main() {}

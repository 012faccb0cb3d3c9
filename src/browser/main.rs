//! The program that Trunk builds; the page calls `hydrate`, which the library exports.

#[cfg(target_arch = "wasm32")]
#[expect(unused_imports, reason = "linked for what it exports")]
use browser as _;

fn main() {}

//! The linker leaves what `cargo xtask` needs to cut the program into parts.

#![expect(clippy::disallowed_methods, reason = "cargo tells build scripts so")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|it| it == "wasm32") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}

//! The migrations are compiled in; a new one has to make the crate stale.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}

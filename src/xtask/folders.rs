//! Where things lie in the clone.

use std::path::{Path, PathBuf};

/// The clone.
pub(crate) fn root() -> PathBuf {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member
        .ancestors()
        .nth(2)
        .map_or_else(|| member.to_path_buf(), Path::to_path_buf)
}

pub(crate) fn end2end() -> PathBuf {
    root().join("end2end")
}

/// What the native compiler leaves.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// What the WASM compiler leaves: a folder of its own, or the two would wait for each other's lock.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}

/// What Trunk leaves; `Trunk.toml` names the same folder.
pub(crate) fn trunk_output() -> PathBuf {
    target().join("trunk")
}

/// The pages' program in parts.
pub(crate) fn parts() -> PathBuf {
    target().join("parts")
}

/// The scripts and WASM as the server sends them.
pub(crate) fn site() -> PathBuf {
    target().join("site")
}

/// The data of `cargo xtask serve`; git ignores it.
pub(crate) fn data() -> PathBuf {
    root().join(".tarazu")
}

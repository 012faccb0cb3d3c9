//! `cargo xtask serve`: everything built for release and served on this machine.

use crate::{
    folders,
    report::say,
    server::{self, Profile, Server},
    setup::Builders,
    site,
};
use anyhow::{Context, Result};
use std::fs;

/// Sets up, builds, serves, and returns when the server ends.
pub fn run(address: &str) -> Result<()> {
    let builders = Builders::set_up()?;
    let site = site::build(&builders)?;
    let program = server::build(Profile::Release)?;
    let data = folders::data();
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let server = Server::start(&program, address, &data, &site)?;
    say(&format!(
        "Tarazu is at {} (data in {}); Ctrl-C stops it",
        server.url(),
        data.display()
    ));
    server.wait()
}

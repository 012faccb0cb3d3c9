//! What may be set from outside: by flag, then by environment, then the default. clap reads all of it.

use crate::contracts::{ContractError, Contracts};
use clap::Args;
use std::path::PathBuf;
use store::RawUrl;

/// Where everything is kept, and how large a file may be. Shared by the commands that use the store.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    /// Folder of the database and of the raw files; made where it is missing
    #[arg(
        long,
        env = "TARAZU_DATA_DIR",
        value_name = "FOLDER",
        default_value = ".tarazu"
    )]
    pub data_dir: PathBuf,
    /// Object store that keeps the raw files instead of the data folder: s3://bucket/prefix, az://container/prefix or
    /// gs://bucket/prefix, with credentials from its usual environment variables
    #[arg(long, env = "TARAZU_RAW_STORE", value_name = "URL")]
    pub raw_store: Option<RawUrl>,
    /// Largest file that is taken, in bytes
    #[arg(long, env = "TARAZU_MAX_UPLOAD", value_name = "BYTES", default_value_t = 10 * 1024 * 1024 * 1024)]
    pub max_upload: u64,
    /// How many runs may be judged at the same time; further ones wait
    #[arg(long, env = "TARAZU_RUNS", value_name = "COUNT", default_value_t = 2)]
    pub runs: u16,
}

/// What files are judged under.
#[derive(Debug, Clone, Args)]
pub struct ContractArgs {
    /// A contract: a file, a folder of files, or `sales`, the one that comes with the program and that is taken where
    /// none is given. Of several, the one is taken that fits a file's header
    #[arg(
        long,
        env = "TARAZU_CONTRACTS",
        value_name = "FILE_OR_NAME",
        value_delimiter = PATHS
    )]
    contract: Vec<PathBuf>,
}

/// What stands between paths, as in PATH.
const PATHS: char = if cfg!(windows) { ';' } else { ':' };

impl ContractArgs {
    /// # Errors
    /// When one of them is none.
    pub fn read(&self) -> Result<Contracts, ContractError> {
        Contracts::read(&self.contract)
    }
}

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Address to listen at; the default can be reached from this machine only
    #[arg(
        long,
        env = "TARAZU_ADDR",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:3000"
    )]
    pub addr: String,
    /// Folder of the browser programs that Trunk built; pages work without them, but have no preview
    #[arg(
        long,
        env = "TARAZU_ASSETS",
        value_name = "FOLDER",
        default_value = "target/site"
    )]
    pub assets: PathBuf,
    /// What is logged, as tracing filters are written
    #[arg(
        long,
        env = "TARAZU_LOG",
        value_name = "FILTER",
        default_value = "info,sqlx=warn"
    )]
    pub log: String,
    /// Write the log as one JSON object a line
    #[arg(long, env = "TARAZU_LOG_JSON")]
    pub log_json: bool,
    #[command(flatten)]
    pub contracts: ContractArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

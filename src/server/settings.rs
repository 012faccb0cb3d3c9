//! What may be set from outside: by flag, then by environment, then the default. clap reads all of it.

use crate::{
    contracts::{ContractError, Contracts},
    shelf::Approval,
};
use clap::{Args, ValueEnum};
use model::money::Numbers;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use store::{HEARTBEAT, Places, RawUrl};

/// Where everything is kept. Shared by the commands that use the store.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// Folder of the raw files and of the built-in database; made where it is missing
    #[arg(
        long,
        env = "TARAZU_DATA_DIR",
        value_name = "FOLDER",
        default_value = ".tarazu"
    )]
    pub data_dir: PathBuf,
    /// A PostgreSQL database instead of the built-in one: postgres://USER:PASSWORD@HOST:PORT/NAME, with
    /// ?sslmode=verify-full&sslrootcert=FILE for TLS with a CA of your own
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    #[command(flatten)]
    parts: DatabaseParts,
    /// What keeps the raw files instead of the data folder, so that servers on several machines share them: an object
    /// store, s3://bucket/prefix, az://container/prefix or gs://bucket/prefix, with credentials from its usual
    /// environment variables, or a folder that all of them see, file:///folder
    #[arg(long, env = "TARAZU_RAW_STORE", value_name = "URL")]
    raw_store: Option<RawUrl>,
    /// How often, in seconds, a process says on PostgreSQL that it is alive; what one that was silent for five of these
    /// was doing, another does. The same for all processes
    #[arg(
        long,
        env = "TARAZU_HEARTBEAT",
        value_name = "SECONDS",
        default_value_t = HEARTBEAT.as_secs_f64(),
        value_parser = heartbeat,
    )]
    heartbeat: f64,
}

fn heartbeat(text: &str) -> Result<f64, &'static str> {
    let given = text.parse().ok();
    let sound = given.filter(|it| (0.1..=600.0).contains(it));
    sound.ok_or("not a number of seconds from 0.1 to 600")
}

/// The parts of the address of a PostgreSQL database, where it is not given whole.
#[derive(Debug, Clone, Args)]
struct DatabaseParts {
    /// Host of a PostgreSQL database, where no address is given
    #[arg(long, env = "DB_HOST", value_name = "HOST")]
    db_host: Option<String>,
    #[arg(long, env = "DB_PORT", value_name = "PORT", default_value_t = 5432)]
    db_port: u16,
    #[arg(long, env = "DB_NAME", value_name = "NAME", default_value = "tarazu")]
    db_name: String,
    #[arg(long, env = "DB_USER", value_name = "USER", default_value = "tarazu")]
    db_user: String,
    #[arg(
        long,
        env = "DB_PASSWORD",
        value_name = "PASSWORD",
        default_value = "",
        hide_env_values = true
    )]
    db_password: String,
}

impl PlaceArgs {
    /// # Errors
    /// When the database is named by an address that is not PostgreSQL's, or by those of several servers.
    pub fn places(&self) -> anyhow::Result<Places> {
        let database = self.database();
        if let Some(address) = &database {
            let (scheme, rest) = address.split_once("://").unwrap_or_default();
            anyhow::ensure!(
                matches!(scheme, "postgres" | "postgresql"),
                "DATABASE_URL names no PostgreSQL database; without it the built-in one is used"
            );
            let server = rest.split(['/', '?']).next().unwrap_or_default();
            let hosts = server.rsplit('@').next().unwrap_or_default();
            anyhow::ensure!(
                !hosts.contains(','),
                "the database is named by several hosts, of which none can be chosen here; name one address that leads to \
                 whichever server is in charge: a virtual address, a name in the DNS, or a pooler"
            );
        }
        Ok(Places {
            folder: self.data_dir.clone(),
            database,
            raw: self.raw_store.clone(),
            heartbeat: Duration::from_secs_f64(self.heartbeat),
        })
    }

    /// Whether the database is the built-in one, in a file of the data folder.
    pub fn is_sqlite(&self) -> bool {
        self.database().is_none()
    }

    fn database(&self) -> Option<String> {
        let given = self.database_url.as_ref().filter(|it| !it.is_empty());
        given.cloned().or_else(|| self.parts.address())
    }
}

impl DatabaseParts {
    fn address(&self) -> Option<String> {
        let host = self.db_host.as_ref().filter(|it| !it.is_empty())?;
        let part = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        Some(format!(
            "postgres://{}:{}@{host}:{}/{}",
            part(&self.db_user),
            part(&self.db_password),
            self.db_port,
            part(&self.db_name)
        ))
    }
}

/// The store, and how large a file may be.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    #[command(flatten)]
    pub places: PlaceArgs,
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

    /// The files and folders that are named; among them names of what comes with the program.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.contract.iter().map(PathBuf::as_path)
    }
}

/// How dashboards show things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// The month in which the financial year begins, 1 to 12.
    pub year_begins: u32,
    /// How numbers are written for a reader who has chosen nothing; None leaves it to the language of the browser.
    pub numbers: Option<Numbers>,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            year_begins: APRIL,
            numbers: None,
        }
    }
}

const APRIL: u32 = 4;

#[derive(Debug, Clone, Copy, Args)]
pub struct DisplayArgs {
    /// Month in which the financial year begins, 1 to 12
    #[arg(
        long,
        env = "TARAZU_YEAR_BEGINS",
        value_name = "MONTH",
        default_value_t = APRIL,
        value_parser = clap::value_parser!(u32).range(1..=12),
    )]
    year_begins: u32,
    /// How pages write numbers for whoever has not chosen: in lakh and crore, or in million. Without it the language
    /// of the browser says which
    #[arg(long, env = "TARAZU_NUMBERS", value_name = "HOW")]
    numbers: Option<NumbersArg>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NumbersArg {
    Indian,
    International,
}

impl From<DisplayArgs> for Display {
    fn from(args: DisplayArgs) -> Self {
        Self {
            year_begins: args.year_begins,
            numbers: args.numbers.map(|it| match it {
                NumbersArg::Indian => Numbers::Indian,
                NumbersArg::International => Numbers::International,
            }),
        }
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
    /// Collector that is told of every run, as OpenLineage has it: https://host/api/v1/lineage
    #[arg(long, env = "TARAZU_OPENLINEAGE_URL", value_name = "URL")]
    pub openlineage_url: Option<Url>,
    #[command(flatten)]
    pub display: DisplayArgs,
    #[command(flatten)]
    pub contracts: ContractArgs,
    /// Who may put a contract in force: anybody, or somebody else than who drafted it
    #[arg(
        long,
        env = "TARAZU_CONTRACT_APPROVAL",
        value_name = "WHO",
        default_value = "anybody"
    )]
    pub contract_approval: Approval,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        places: PlaceArgs,
    }

    fn check(flags: &[&str], says: Option<&str>) {
        let flags = std::iter::once("tarazu").chain(flags.iter().copied());
        let places = Line::parse_from(flags).places.places();
        match (places, says) {
            (Ok(places), None) => assert!(places.database.is_some()),
            (Err(error), Some(says)) => assert!(error.to_string().contains(says), "{error}"),
            (other, _) => panic!("{:?}", other.map(|it| it.database)),
        }
    }

    #[test]
    fn one_server_is_named_as_the_database() {
        let url = |it| ["--database-url", it];
        check(&url("postgres://asha:a,b@host:5432/tarazu"), None);
        check(&url("postgresql://host/tarazu?options=-c%20a%3D1,2"), None);
        check(&["--database-url", "", "--db-host", "host"], None);
        let several = Some("several hosts");
        check(&url("postgres://asha@one:5432,two:5432/tarazu"), several);
        check(&url("postgres://one,two?sslmode=require"), several);
        check(&["--database-url", "", "--db-host", "one,two"], several);
        check(&url("mysql://host/tarazu"), Some("no PostgreSQL database"));
        check(&url("host"), Some("no PostgreSQL database"));
    }
}

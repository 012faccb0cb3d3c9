//! Where raw files are kept if not in the data folder: an object store, or a folder that several machines share, named
//! by a URL. Credentials and whatever else an object store needs come from the environment, under the names that
//! `object_store` knows (`AWS_…`, `AZURE_…`, `GOOGLE_…`).

use crate::error::StoreError;
use object_store::{
    ClientConfigKey, ObjectStore, ObjectStoreExt, ObjectStoreScheme, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::{GoogleCloudStorageBuilder, GoogleConfigKey},
    local::LocalFileSystem,
    path::Path as Place,
};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use url::Url;

/// `s3://bucket/prefix`, `az://container/prefix` (or `abfs://…`), `gs://bucket/prefix`, or `file:///folder`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUrl {
    url: Url,
    scheme: ObjectStoreScheme,
    prefix: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a URL such as s3://bucket/prefix, az://container/prefix, abfs://…, gs://bucket/prefix or file:///folder"
)]
pub struct RawUrlError;

/// An object store, and what stands before every address in it.
pub(super) struct Away {
    pub(super) files: Arc<dyn ObjectStore>,
    pub(super) prefix: Place,
    /// Where it is a folder: its files need no copies.
    pub(super) folder: Option<PathBuf>,
}

/// What lies half-written in a shared folder for longer than this was left there by a process that is gone.
const HALF_WRITTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// A request that fails is tried again for this long; a run that waits for its file waits no longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a connection may be silent, and how long a whole file may take on its way: the client's own 30 seconds
/// for both would cut large files.
const TIMEOUTS: [(ClientConfigKey, &str); 2] = [
    (ClientConfigKey::ReadTimeout, "2 minutes"),
    (ClientConfigKey::Timeout, "12 hours"),
];

impl FromStr for RawUrl {
    type Err = RawUrlError;

    fn from_str(text: &str) -> Result<Self, RawUrlError> {
        let url = Url::parse(text).map_err(|_| RawUrlError)?;
        let (scheme, prefix) = ObjectStoreScheme::parse(&url).map_err(|_| RawUrlError)?;
        match scheme {
            ObjectStoreScheme::AmazonS3
            | ObjectStoreScheme::MicrosoftAzure
            | ObjectStoreScheme::GoogleCloudStorage => Ok(Self {
                url,
                scheme,
                prefix,
            }),
            ObjectStoreScheme::Local if !prefix.as_ref().is_empty() => Ok(Self {
                url,
                scheme,
                prefix: Place::default(),
            }),
            _ => Err(RawUrlError),
        }
    }
}

impl fmt::Display for RawUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl RawUrl {
    /// Opens it, and asks for a file that is not there: whoever starts a server learns at once that the store does not
    /// answer or does not let it in.
    pub(super) async fn open(&self) -> Result<Away, StoreError> {
        // object_store's client takes the process's provider. Where there is one already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = self.folder();
        let files = match &folder {
            Some(folder) => shared(folder)?,
            None => self.client()?,
        };
        let prefix = self.prefix.clone();
        match files.head(&prefix.clone().join("no-such-file")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(Away {
                files,
                prefix,
                folder,
            }),
            Err(error) => Err(StoreError::Unavailable(Box::new(error))),
        }
    }

    fn folder(&self) -> Option<PathBuf> {
        matches!(self.scheme, ObjectStoreScheme::Local)
            .then(|| self.url.to_file_path().ok())
            .flatten()
    }

    fn client(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        let retry = RetryConfig {
            retry_timeout: PATIENCE,
            ..RetryConfig::default()
        };
        let url = self.url.as_str();
        Ok(match self.scheme {
            ObjectStoreScheme::MicrosoftAzure => {
                let builder = MicrosoftAzureBuilder::from_env().with_url(url);
                let builder = TIMEOUTS.into_iter().fold(builder, |it, (key, value)| {
                    it.with_config(AzureConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                let builder = GoogleCloudStorageBuilder::from_env().with_url(url);
                let builder = TIMEOUTS.into_iter().fold(builder, |it, (key, value)| {
                    it.with_config(GoogleConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            // Of the others only S3 gets past `from_str`.
            _ => {
                let builder = AmazonS3Builder::from_env().with_url(url);
                let builder = TIMEOUTS.into_iter().fold(builder, |it, (key, value)| {
                    it.with_config(AmazonS3ConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
        })
    }
}

/// A folder, made where it is missing.
fn shared(folder: &Path) -> Result<Arc<dyn ObjectStore>, StoreError> {
    fs::create_dir_all(folder)?;
    clear_half_written(folder)?;
    Ok(Arc::new(
        LocalFileSystem::new_with_prefix(folder)?.with_fsync(true),
    ))
}

/// `object_store` writes a file under its name, `#` and a number, and renames it once it is whole. No digest has a `#`.
fn clear_half_written(folder: &Path) -> io::Result<()> {
    for workspace in fs::read_dir(folder)? {
        let workspace = workspace?.path();
        if !workspace.is_dir() {
            continue;
        }
        for file in fs::read_dir(workspace)? {
            let file = file?;
            let half = file.file_name().to_string_lossy().contains('#');
            // A clock that runs behind the file's makes it new.
            let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
            if half && age > HALF_WRITTEN {
                fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn only_what_was_left_half_written_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("main");
        fs::create_dir(&main).unwrap();
        let old = SystemTime::UNIX_EPOCH;
        for (name, time) in [("a", Some(old)), ("a#1", Some(old)), ("b#1", None)] {
            let file = fs::File::create(main.join(name)).unwrap();
            if let Some(time) = time {
                file.set_modified(time).unwrap();
            }
        }
        clear_half_written(folder.path()).unwrap();
        let left = fs::read_dir(main).unwrap();
        let mut left: Vec<_> = left.map(|it| it.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a", "b#1"]);
    }

    #[test]
    fn only_object_stores_and_folders_are_taken() {
        for (url, prefix) in [
            ("s3://bucket", ""),
            ("s3://bucket/team/raw", "team/raw"),
            ("az://container/raw", "raw"),
            ("abfs://container@account.dfs.core.windows.net/raw", "raw"),
            ("gs://bucket/raw/", "raw"),
            ("file:///var/raw", ""),
        ] {
            let parsed: RawUrl = url.parse().unwrap();
            assert_eq!(parsed.prefix, Place::from(prefix), "{url}");
        }
        for other in [
            "",
            "raw",
            "/var/raw",
            "file:///",
            "memory:///",
            "http://a/b",
            "s3:",
        ] {
            assert_eq!(other.parse::<RawUrl>(), Err(RawUrlError), "{other}");
        }
    }
}

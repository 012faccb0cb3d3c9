//! Where raw files are kept if not in the data folder: an object store, named by a URL. Credentials and whatever else
//! it needs come from the environment, under the names that `object_store` knows (`AWS_…`, `AZURE_…`, `GOOGLE_…`).

use crate::error::StoreError;
use object_store::{
    ClientConfigKey, ObjectStore, ObjectStoreExt, ObjectStoreScheme, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::{GoogleCloudStorageBuilder, GoogleConfigKey},
    path::Path as Place,
};
use std::{fmt, str::FromStr, sync::Arc, time::Duration};
use url::Url;

/// `s3://bucket/prefix`, `az://container/prefix` (or `abfs://…`), or `gs://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUrl {
    url: Url,
    scheme: ObjectStoreScheme,
    prefix: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a URL such as s3://bucket/prefix, az://container/prefix, abfs://… or gs://bucket/prefix"
)]
pub struct RawUrlError;

/// An object store, and what stands before every address in it.
pub(super) struct Away {
    pub(super) files: Arc<dyn ObjectStore>,
    pub(super) prefix: Place,
}

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
        let files = self.client()?;
        let prefix = self.prefix.clone();
        match files.head(&prefix.clone().join("no-such-file")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(Away { files, prefix }),
            Err(error) => Err(StoreError::Unavailable(Box::new(error))),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_object_stores_are_taken() {
        for (url, prefix) in [
            ("s3://bucket", ""),
            ("s3://bucket/team/raw", "team/raw"),
            ("az://container/raw", "raw"),
            ("abfs://container@account.dfs.core.windows.net/raw", "raw"),
            ("gs://bucket/raw/", "raw"),
        ] {
            let parsed: RawUrl = url.parse().unwrap();
            assert_eq!(parsed.prefix, Place::from(prefix), "{url}");
        }
        for other in [
            "",
            "raw",
            "/var/raw",
            "file:///raw",
            "memory:///",
            "http://a/b",
            "s3:",
        ] {
            assert_eq!(other.parse::<RawUrl>(), Err(RawUrlError), "{other}");
        }
    }
}

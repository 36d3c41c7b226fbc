//! An object store: S3 and what speaks like it (OSS, `MinIO`, Ceph), through the `object_store` crate.
//!
//! A put is one request: an object is there whole or not at all, and workers need no lock, because whoever writes the same name writes the same content.

use std::future::Future;
use std::io;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::runtime::{Builder, Runtime};

use super::Store;

/// Objects below a prefix of a bucket.
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    url: String,
    runtime: Runtime,
    /// What to say beside an error if no keys were given.
    hint: Option<String>,
}

impl Bucket {
    /// The store at `s3://bucket/prefix`. Endpoint, region and keys come from the usual variables (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`); OSS takes `AWS_ENDPOINT=https://oss-cn-hangzhou.aliyuncs.com` and
    /// `AWS_VIRTUAL_HOSTED_STYLE_REQUEST=true`.
    pub fn open(url: &str) -> io::Result<Self> {
        let rest = url
            .strip_prefix("s3://")
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("`{url}` is no object store; write `s3://bucket/prefix`")))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(io::Error::other)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let hint = missing(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        Ok(Self { store: Arc::new(store), prefix: prefix.trim_matches('/').to_owned(), url: url.trim_end_matches('/').to_owned(), runtime, hint })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    fn failed(&self, error: &Error) -> io::Error {
        match &self.hint {
            Some(hint) => io::Error::new(io::ErrorKind::PermissionDenied, format!("`{}`: {hint}", self.url)),
            None => io::Error::other(format!("`{}`: {error}", self.url)),
        }
    }

    /// Runs a request to its end.
    fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.runtime.block_on(request)
    }
}

/// The variables that hold keys.
const KEYS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
/// Variables by which keys come from elsewhere, or none are needed.
const OTHERS: [&str; 5] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
    "AWS_METADATA_ENDPOINT",
];

/// Which variables are missing if a store says no; none if keys were given in some way.
fn missing(given: impl Fn(&str) -> bool) -> Option<String> {
    let missing: Vec<&str> = KEYS.into_iter().filter(|name| !given(name)).collect();
    if missing.is_empty() || OTHERS.into_iter().any(&given) {
        return None;
    }
    let endpoint = if given("AWS_ENDPOINT") || given("AWS_ENDPOINT_URL") { "" } else { "; a store that is not AWS also needs AWS_ENDPOINT" };
    Some(format!("no credentials: set {}{endpoint} (the metadata service of the machine, which was asked instead, gave none)", missing.join(" and ")))
}

impl Store for Bucket {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(name);
        let found = self.wait(async { self.store.get(&path).await?.bytes().await });
        match found {
            Ok(content) => Ok(Some(content.to_vec())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let payload = PutPayload::from(content.to_vec());
        self.wait(self.store.put(&path, payload)).map(|_| ()).map_err(|error| self.failed(&error))
    }

    fn place(&self) -> String {
        self.url.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn what_is_missing_is_named() {
        let none = missing(|_| false).unwrap();
        assert!(none.contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a store that is not AWS also needs AWS_ENDPOINT"), "{none}");
        let half = missing(|name| name == "AWS_ACCESS_KEY_ID" || name == "AWS_ENDPOINT").unwrap();
        assert!(half.contains("set AWS_SECRET_ACCESS_KEY (") && !half.contains("AWS_ENDPOINT"), "{half}");
        assert_eq!(missing(|name| name.ends_with("KEY_ID") || name.ends_with("ACCESS_KEY")), None);
        assert_eq!(missing(|name| name == "AWS_SKIP_SIGNATURE"), None);
    }
}

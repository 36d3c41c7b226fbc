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
        Ok(Self { store: Arc::new(store), prefix: prefix.trim_matches('/').to_owned(), url: url.trim_end_matches('/').to_owned(), runtime })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// Runs a request to its end.
    fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.runtime.block_on(request)
    }
}

impl Store for Bucket {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(name);
        let found = self.wait(async { self.store.get(&path).await?.bytes().await });
        match found {
            Ok(content) => Ok(Some(content.to_vec())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let payload = PutPayload::from(content.to_vec());
        self.wait(self.store.put(&path, payload)).map(|_| ()).map_err(io::Error::other)
    }

    fn place(&self) -> String {
        self.url.clone()
    }
}

//! The store.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{ObjectError, ObjectsAddress, S3Address};

/// How often a request to the store is tried again, and for how long: a restart of the store is survived, and clients are
/// answered before they give up.
const RETRIES: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(8);

/// How long connecting to the store may take, and each of its requests.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Size of the parts in which a file is sent, at least 5 MiB (the least that S3 takes), and how many are sent at a time.
const PART_BYTES: usize = 8 << 20;
const PARTS_IN_FLIGHT: usize = 2;

/// A folder or a bucket.
#[derive(Clone, Debug)]
pub struct Objects(Place);

#[derive(Clone, Debug)]
enum Place {
    Folder(Arc<LocalFileSystem>),
    Bucket(Arc<AmazonS3>),
}

/// A file that is being read.
pub struct Object {
    /// Its size in bytes.
    pub length: u64,
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, ObjectError>>,
}

impl Objects {
    /// Opens a store. A folder is created; a bucket is not contacted.
    ///
    /// # Errors
    /// When the folder cannot be created, or the address is not one.
    pub fn open(address: &ObjectsAddress) -> Result<Self, ObjectError> {
        Ok(Self(match address {
            ObjectsAddress::Folder(folder) => {
                fs::create_dir_all(folder)?;
                // What a process that was ended has left.
                remove_unfinished(folder);
                Place::Folder(Arc::new(LocalFileSystem::new_with_prefix(folder)?))
            }
            ObjectsAddress::S3(address) => Place::Bucket(Arc::new(bucket(address)?)),
        }))
    }

    /// Stores the content of a file under a key. A file that is there stays: the same key has the same content. In a folder
    /// the file is moved if it is on the same disk, or else copied.
    ///
    /// # Errors
    /// When reading or storing fails; then there is nothing under the key.
    pub async fn put_file(&self, key: &str, file: &Path) -> Result<(), ObjectError> {
        match &self.0 {
            Place::Folder(folder) => {
                let (target, file) = (folder.path_to_filesystem(&parse(key)?)?, file.to_owned());
                blocking(move || put_in_folder(&target, &file)).await
            }
            Place::Bucket(bucket) => {
                let mut source = tokio::fs::File::open(file).await?;
                let parts = bucket.put_multipart(&parse(key)?).await?;
                let mut upload = WriteMultipart::new_with_chunk_size(parts, PART_BYTES);
                let sent = send(&mut source, &mut upload).await;
                match sent {
                    Ok(()) => upload.finish().await.map(drop).map_err(Into::into),
                    Err(error) => {
                        // The store removes what it has of an upload that was not ended, in its own time.
                        let _ = upload.abort().await;
                        Err(error)
                    }
                }
            }
        }
    }

    /// A file.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when there is no such file; others when the store fails.
    pub async fn get(&self, key: &str) -> Result<Object, ObjectError> {
        let found = self.store().get(&parse(key)?).await?;
        Ok(Object { length: found.meta.size, bytes: found.into_stream().map_err(ObjectError::from).boxed() })
    }

    /// Writes a stored file to a path, as a whole, unless there is a file.
    ///
    /// # Errors
    /// When there is no such file, reading or writing fails.
    pub async fn fetch(&self, key: &str, path: &Path) -> Result<(), ObjectError> {
        if tokio::fs::try_exists(path).await? {
            return Ok(());
        }
        let part = unfinished(path);
        let result = self.fetch_to(key, &part, path).await;
        if result.is_err() {
            let _ = tokio::fs::remove_file(&part).await;
        }
        result
    }

    async fn fetch_to(&self, key: &str, part: &Path, path: &Path) -> Result<(), ObjectError> {
        let mut object = self.get(key).await?;
        let mut file = tokio::fs::File::create(part).await?;
        while let Some(bytes) = object.bytes.next().await {
            file.write_all(&bytes?).await?;
        }
        file.sync_all().await?;
        Ok(tokio::fs::rename(part, path).await?)
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match self.store().delete(&parse(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The path of a file in a folder, which may not exist; none for a bucket.
    #[must_use]
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        match &self.0 {
            Place::Folder(folder) => folder.path_to_filesystem(&parse(key).ok()?).ok(),
            Place::Bucket(_) => None,
        }
    }

    /// Whether files lie in a folder of this machine, and have paths.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.0, Place::Folder(_))
    }

    fn store(&self) -> &dyn ObjectStore {
        match &self.0 {
            Place::Folder(store) => &**store,
            Place::Bucket(store) => &**store,
        }
    }
}

/// A key as a path. What is not one names no file.
fn parse(key: &str) -> Result<Key, ObjectError> {
    Key::parse(key).map_err(|_| ObjectError::NotFound(key.to_owned()))
}

fn bucket(address: &S3Address) -> Result<AmazonS3, ObjectError> {
    // Another part of the process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_plain = address.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let options = ClientOptions::new()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout(REQUEST_TIMEOUT)
        .with_allow_http(is_plain);
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(&address.region)
        .with_access_key_id(&address.key_id)
        .with_secret_access_key(&address.secret_key)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &address.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    builder.build().map_err(|error| ObjectError::Configuration(error.to_string()))
}

async fn send(source: &mut tokio::fs::File, upload: &mut WriteMultipart) -> Result<(), ObjectError> {
    let mut buffer = vec![0; PART_BYTES];
    loop {
        let length = source.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        upload.wait_for_capacity(PARTS_IN_FLIGHT).await?;
        upload.write(&buffer[..length]);
    }
}

async fn blocking(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<(), ObjectError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.unwrap_or_else(|error| Err(std::io::Error::other(error)))?)
}

/// The name of a file that is being written; of this process alone.
fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}{UNFINISHED}", std::process::id()));
    target.with_file_name(name)
}

/// How the names of unfinished files end.
const UNFINISHED: &str = ".part";

fn put_in_folder(target: &Path, file: &Path) -> std::io::Result<()> {
    if target.exists() {
        return Ok(());
    }
    create_folder_of(target)?;
    File::open(file)?.sync_all()?;
    match fs::rename(file, target) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            write_in_folder(target, |mut copy| std::io::copy(&mut File::open(file)?, &mut copy).map(drop))
        }
        result => result.and_then(|()| sync_folder_of(target)),
    }
}

fn write_in_folder(target: &Path, write: impl FnOnce(&File) -> std::io::Result<()>) -> std::io::Result<()> {
    create_folder_of(target)?;
    let part = unfinished(target);
    let written = File::create(&part).and_then(|file| {
        write(&file)?;
        file.sync_all()?;
        fs::rename(&part, target)?;
        sync_folder_of(target)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

fn create_folder_of(target: &Path) -> std::io::Result<()> {
    target.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Makes the name of a new file durable.
fn sync_folder_of(target: &Path) -> std::io::Result<()> {
    target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Removes files that were not finished by processes that have ended.
fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_unfinished(&path);
        } else if is_abandoned(&path) {
            let _ = fs::remove_file(&path);
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let process = name.strip_suffix(UNFINISHED).and_then(|name| name.rsplit_once('.')).map(|(_, process)| process);
    process.is_some_and(|process| !Path::new("/proc").join(process).exists())
}

#[cfg(test)]
mod tests;

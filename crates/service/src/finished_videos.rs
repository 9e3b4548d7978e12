//! Finished videos, kept in the store by what they show, so that one that is asked for again need not be made again.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::StreamExt;
use repcast_database::{Database, Timestamp, VideoRow};
use repcast_media::FileIdentity;
use repcast_model::catalogue::{Catalogue, write_exercise};
use repcast_model::document::{self, Document};
use repcast_objects::{Object, ObjectError, Objects};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::ServiceError;
use super::generation::Generation;
use super::hex::hex;
use super::uploads::storage_error;

/// The prefix of the keys of videos in the store.
const VIDEOS: &str = "videos/";

/// The finished videos of a process, or of several with the same store and database.
#[derive(Clone, Debug)]
pub(crate) struct FinishedVideos {
    database: Database,
    objects: Objects,
    /// Where videos lie until they are finished.
    folder: PathBuf,
    /// Bytes of all videos at most.
    limit: u64,
}

/// A video that is read: one that is being made, or a finished one.
pub struct VideoStream {
    /// The title of its document, which may be empty.
    pub title: String,
    /// Its size in bytes, if it is finished.
    pub length: Option<u64>,
    source: Source,
}

enum Source {
    Finished(Object),
    Made(Generation, Option<Box<Recorder>>),
}

impl FinishedVideos {
    pub(crate) fn new(database: Database, objects: Objects, folder: PathBuf, limit: u64) -> Self {
        Self { database, objects, folder, limit }
    }

    /// The video with this key, if it is there.
    pub(crate) async fn find(&self, key: &str) -> Option<VideoStream> {
        let row = self.database.video(key).await.ok()??;
        let object = match self.objects.get(&format!("{VIDEOS}{key}.mp4")).await {
            Ok(object) => object,
            Err(error) => {
                if let ObjectError::NotFound(_) = error {
                    // Someone has removed it from the store.
                    let _ = self.database.delete_video(key).await;
                } else {
                    tracing::warn!("a finished video could not be read: {error}");
                }
                return None;
            }
        };
        let (database, key) = (self.database.clone(), key.to_owned());
        // The first bytes do not wait for it.
        tokio::spawn(async move { database.touch_video(&key, Timestamp::now()).await });
        Some(VideoStream { title: row.title, length: Some(object.length), source: Source::Finished(object) })
    }

    /// Keeps a video while it is read to its end.
    pub(crate) async fn record(&self, key: String, generation: Generation) -> VideoStream {
        let part = self.folder.join(format!("{}.part", Uuid::new_v4().simple()));
        let opened = async {
            tokio::fs::create_dir_all(&self.folder).await?;
            File::create_new(&part).await
        };
        let recorder = match opened.await {
            Ok(file) => Some(Box::new(Recorder { videos: self.clone(), key, part, file, length: 0 })),
            Err(error) => {
                tracing::warn!("a video is not kept: {error}");
                None
            }
        };
        VideoStream { title: generation.title().to_owned(), length: None, source: Source::Made(generation, recorder) }
    }

    /// Removes what was not used for longest, until all have at most the limit of bytes.
    async fn remove_surplus(&self) -> Result<(), ServiceError> {
        for key in self.database.surplus_videos(i64::try_from(self.limit).unwrap_or(i64::MAX)).await? {
            // The row first: a file without one is not read, and a row without a file would be.
            self.database.delete_video(&key).await?;
            self.objects.delete(&format!("{VIDEOS}{key}.mp4")).await?;
        }
        Ok(())
    }

    /// Removes the parts that a process which has ended left.
    pub(crate) async fn remove_parts(&self) {
        let Ok(mut entries) = tokio::fs::read_dir(&self.folder).await else { return };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let _ = tokio::fs::remove_file(entry.path()).await;
        }
    }
}

impl VideoStream {
    /// A video that is made and not kept.
    pub(crate) fn of(generation: Generation) -> Self {
        Self { title: generation.title().to_owned(), length: None, source: Source::Made(generation, None) }
    }

    /// The next bytes of the video; `None` at its end.
    ///
    /// # Errors
    /// When the video could not be completed: what was read is not the whole video.
    pub async fn next(&mut self) -> Option<Result<Bytes, ServiceError>> {
        match &mut self.source {
            Source::Finished(object) => Some(object.bytes.next().await?.map_err(ServiceError::from)),
            Source::Made(generation, recorder) => match generation.next().await {
                Some(Ok(bytes)) => {
                    if let Some(kept) = recorder
                        && let Err(error) = kept.append(&bytes).await
                    {
                        tracing::warn!("a video is not kept: {error}");
                        *recorder = None;
                    }
                    Some(Ok(bytes))
                }
                Some(error) => Some(error),
                None => {
                    if let Some(kept) = recorder.take() {
                        let title = self.title.clone();
                        // The client has its video.
                        tokio::spawn(async move { kept.finish(title).await });
                    }
                    None
                }
            },
        }
    }
}

/// Writes a video to a file while it is read. Dropping it removes the file.
struct Recorder {
    videos: FinishedVideos,
    key: String,
    part: PathBuf,
    file: File,
    length: u64,
}

impl Recorder {
    async fn append(&mut self, bytes: &Bytes) -> std::io::Result<()> {
        self.length += bytes.len() as u64;
        if self.length > self.videos.limit {
            return Err(std::io::Error::other("it is larger than all videos together may be"));
        }
        self.file.write_all(bytes).await
    }

    async fn finish(mut self, title: String) {
        let stored = async {
            self.file.flush().await.map_err(|error| storage_error(&error))?;
            self.videos.objects.put_file(&format!("{VIDEOS}{}.mp4", self.key), &self.part).await?;
            let bytes = i64::try_from(self.length).unwrap_or(i64::MAX);
            let row = VideoRow { key: self.key.clone(), title, bytes };
            self.videos.database.insert_video(&row, Timestamp::now()).await?;
            self.videos.remove_surplus().await
        };
        if let Err(error) = stored.await {
            tracing::warn!("a finished video was not stored: {error}");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // It was moved if it was stored in a folder.
        let _ = std::fs::remove_file(&self.part);
    }
}

/// The key of a document's video: the hash of all that it is made of. None if one of its files has no identity.
pub(crate) fn video_key(
    document: &Document,
    catalogue: &Catalogue,
    files: &[PathBuf],
    program: &str,
) -> Option<String> {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(program);
    add(&document::write(document));
    if let Document::Workout(workout) = document {
        for exercise in &workout.exercises {
            add(&write_exercise(catalogue, catalogue.get(&exercise.id)?));
        }
    }
    for path in files {
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        add(&path.to_string_lossy());
        add(&format!("{:?}", FileIdentity::of(&metadata)));
    }
    Some(hex(&hash.finalize()))
}

//! The use cases that make images, and the videos of exercises.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use repcast_storage::ImageFormat;

use super::blocking::blocking;
use super::documents::AcceptedKind;
use super::frames::{self, FrameRequest, SessionImage, exercise};
use super::quota::{Client, Share};
use super::{LiveSession, Service, ServiceError};

/// Bytes of an exercise's video at most; one of six seconds has about one million.
const MAX_VIDEO_BYTES: usize = 32 << 20;

const FAILED: &str = "Rendering the frame failed.";

/// What is made of an exercise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExerciseMedia {
    /// A JPEG image.
    Image,
    /// A fragmented MP4.
    Video,
}

impl Service {
    /// Opens a document of a client and renders one frame as an image. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the document is wrong, it has no such frame, or there is no capacity.
    pub async fn frame(
        self: &Arc<Self>,
        client: &Client,
        document: Bytes,
        request: FrameRequest,
    ) -> Result<Vec<u8>, ServiceError> {
        // A frame takes less than a video, but opening its document as much.
        let mut quota = self.take_quota(client, Share::video())?;
        let place = self.frames.take_place()?;
        let service = self.clone();
        blocking(FAILED, move || {
            let (opened, price) = service.open_video(&document, AcceptedKind::Any)?;
            quota.as_mut().map_or(Ok(()), |quota| quota.extend(Share::work(price)))?;
            let _lease = service.engine.capacity.take(price)?;
            let _place = place;
            frames::render(&service.engine, &opened, request)
        })
        .await
    }

    /// The newest frame of a session as an image, at most a second old; `None` before the first frame. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn session_image(self: &Arc<Self>, session: &LiveSession) -> Result<Option<SessionImage>, ServiceError> {
        let (service, session) = (self.clone(), session.clone());
        blocking(FAILED, move || service.frames.sessions.of(&service.engine.gpu, &session)).await
    }

    /// An exercise by itself; `None` if the catalogue has none with this id. It is made once, and then kept. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// When its clip cannot be opened, or there is no capacity.
    pub async fn exercise_media(
        self: &Arc<Self>,
        id: &str,
        media: ExerciseMedia,
    ) -> Result<Option<Bytes>, ServiceError> {
        let catalogue = self.documents.catalogue();
        let Some(found) = catalogue.get(id) else { return Ok(None) };
        let name = format!("{media:?} {id}");
        let kept = &self.frames.exercises;
        if let Some(bytes) = kept.get(&name) {
            return Ok(Some(bytes));
        }
        let _making = kept.making.lock().await;
        if let Some(bytes) = kept.get(&name) {
            return Ok(Some(bytes));
        }
        let document = Bytes::from(exercise::document(found).to_string());
        let bytes = match media {
            ExerciseMedia::Image => self.exercise_image(document).await?,
            ExerciseMedia::Video => self.exercise_video(document).await?,
        };
        // Another catalogue may have taken its place meanwhile.
        if Arc::ptr_eq(&catalogue, &self.documents.catalogue()) {
            kept.insert(name, bytes.clone());
        }
        Ok(Some(bytes))
    }

    async fn exercise_image(self: &Arc<Self>, document: Bytes) -> Result<Bytes, ServiceError> {
        let service = self.clone();
        let width = Some(exercise::IMAGE_WIDTH);
        let request = FrameRequest { at: exercise::IMAGE_SECS, width, format: ImageFormat::Jpeg };
        blocking(FAILED, move || {
            let opened = service.documents.open(&document, AcceptedKind::Workout)?;
            frames::render(&service.engine, &opened, request).map(Bytes::from)
        })
        .await
    }

    async fn exercise_video(self: &Arc<Self>, document: Bytes) -> Result<Bytes, ServiceError> {
        let service = self.clone();
        let open = move || service.open_video(&document, AcceptedKind::Workout);
        let (opened, price) = blocking(FAILED, open).await?;
        let mut generation = self.generations.start(opened, price, None).await?;
        let mut video = BytesMut::new();
        while let Some(bytes) = generation.next().await {
            video.extend_from_slice(&bytes?);
            if video.len() > MAX_VIDEO_BYTES {
                return Err(ServiceError::Internal("The video of the exercise is too large."));
            }
        }
        Ok(video.freeze())
    }
}

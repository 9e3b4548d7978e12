//! The use cases that make videos and their captions.

use std::sync::Arc;

use repcast_engine::open::{DocumentCaptions, OpenDocument, named_files};
use repcast_engine::price::price;
use repcast_model::document;

use super::blocking::blocking;
use super::documents::AcceptedKind;
use super::finished_videos::{VideoStream, video_key};
use super::quota::{Client, Share};
use super::{Service, ServiceError};

const FAILED: &str = "Reading the document failed.";

impl Service {
    /// Opens a document of a client and generates its video. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the document is wrong, or there is no capacity.
    pub async fn generate(
        self: &Arc<Self>,
        client: &Client,
        document: bytes::Bytes,
    ) -> Result<VideoStream, ServiceError> {
        let videos = self.coach.as_ref().and_then(|coach| coach.videos.as_ref());
        let key = match videos {
            Some(_) => {
                let (service, document) = (self.clone(), document.clone());
                blocking(FAILED, move || Ok(service.video_key(&document))).await?
            }
            None => None,
        };
        if let (Some(videos), Some(key)) = (videos, &key)
            && let Some(finished) = videos.find(key).await
        {
            return Ok(finished);
        }
        // Before the document is opened, which takes time as well.
        let mut quota = self.take_quota(client, Share::video())?;
        let service = self.clone();
        let open = move || {
            let (opened, price) = service.open_video(&document, AcceptedKind::Any)?;
            opened.warnings(&service.engine.gpu).iter().for_each(|warning| tracing::warn!("a video: {warning}"));
            Ok((opened, price))
        };
        let (opened, price) = blocking(FAILED, open).await?;
        quota.as_mut().map_or(Ok(()), |quota| quota.extend(Share::work(price)))?;
        let generation = self.generations.start(opened, price, quota).await?;
        Ok(match (videos, key) {
            (Some(videos), Some(key)) => videos.record(key, generation).await,
            _ => VideoStream::of(generation),
        })
    }

    /// The key of a document's video; none if it cannot be kept, or the document is wrong.
    fn video_key(&self, document: &[u8]) -> Option<String> {
        let document = document::parse(document).ok()?;
        let (catalogue, access) = (self.documents.catalogue(), self.documents.access());
        let files = named_files(&document, &access, &catalogue).ok()?;
        let engine = &self.engine;
        // What else the pixels and the sound depend on.
        let program = format!(
            "{} {} {} {:?} {:?}",
            env!("CARGO_PKG_VERSION"),
            engine.gpu.name(),
            engine.encoders.current(),
            engine.settings,
            self.documents.speaker
        );
        video_key(&document, &catalogue, &files, &program)
    }

    /// The captions of the video that [`Self::generate`] makes of a workout. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the document is wrong, or the client runs too much at the same time.
    pub async fn captions(
        self: &Arc<Self>,
        client: &Client,
        document: bytes::Bytes,
    ) -> Result<DocumentCaptions, ServiceError> {
        // Opening a document takes as much as before a video is made.
        let quota = self.take_quota(client, Share::video())?;
        let service = self.clone();
        let open = move || {
            let opened = service.documents.open(&document, AcceptedKind::Workout);
            drop(quota);
            opened.map(|opened| opened.captions)
        };
        blocking(FAILED, open).await
    }

    /// Opens the document of a video or a frame, with its price in pixels per second. Blocks: pricing a long document takes
    /// a while, too.
    pub(crate) fn open_video(&self, document: &[u8], kind: AcceptedKind) -> Result<(OpenDocument, u64), ServiceError> {
        let opened = self.documents.open(document, kind)?;
        // A video need not be made in real time.
        let price = price(&opened, &[]).min(self.engine.capacity.total());
        Ok((opened, price))
    }
}

//! The use cases that make videos and their captions.

use std::sync::Arc;

use repcast_engine::open::{DocumentCaptions, OpenDocument};
use repcast_engine::price::price;

use super::blocking::blocking;
use super::documents::AcceptedKind;
use super::generation::Generation;
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
    ) -> Result<Generation, ServiceError> {
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
        self.generations.start(opened, price, quota).await
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

//! The use cases that make videos and their captions.

use std::sync::Arc;

use repcast_engine::open::DocumentCaptions;
use repcast_engine::price::price;

use super::documents::AcceptedKind;
use super::generation::Generation;
use super::quota::{Client, Share};
use super::{Service, ServiceError};

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
        // Pricing a long document takes a while, too.
        let open = move || {
            let opened = service.documents.open(&document, AcceptedKind::Any)?;
            // A video need not be made in real time.
            let price = price(&opened, &[]).min(service.engine.capacity.total());
            opened.warnings(&service.engine.gpu).iter().for_each(|warning| tracing::warn!("a video: {warning}"));
            Ok::<_, ServiceError>((opened, price))
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let (opened, price) = opened.map_err(|_| ServiceError::Internal("Reading the document failed."))??;
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
        let opened = tokio::task::spawn_blocking(open).await;
        opened.map_err(|_| ServiceError::Internal("Reading the document failed."))?
    }
}

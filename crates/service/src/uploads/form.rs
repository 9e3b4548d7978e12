//! An upload of one request, whose length is known at its end.

use std::sync::Arc;

use bytes::Bytes;

use super::{MAX_UPLOAD_BYTES, Upload, UploadWriter};
use crate::access::Caller;
use crate::{Service, ServiceError};

/// An upload that is received at once. Dropped before its end, nothing is left of it.
pub struct FormUpload {
    service: Arc<Service>,
    id: String,
    writer: Option<UploadWriter>,
}

impl Service {
    /// Begins an upload of unknown length.
    ///
    /// # Errors
    /// When the caller may not, or has no room for the largest file.
    pub async fn begin_form_upload(
        self: &Arc<Self>,
        caller: &Caller,
        filename: &str,
    ) -> Result<FormUpload, ServiceError> {
        let upload = self.begin_upload(caller, filename, MAX_UPLOAD_BYTES).await?;
        let mut form = FormUpload { service: self.clone(), id: upload.id, writer: None };
        form.writer = Some(self.write_upload(caller, &form.id, 0).await?);
        Ok(form)
    }
}

impl FormUpload {
    /// Appends bytes.
    ///
    /// # Errors
    /// When the file is too large, or the disk fails.
    pub async fn append(&mut self, bytes: &Bytes) -> Result<(), ServiceError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        if bytes.len() as u64 > writer.missing() {
            return Err(ServiceError::UploadTooLarge);
        }
        writer.append(bytes).await
    }

    /// Ends the upload, and begins to check it.
    ///
    /// # Errors
    /// When the file is empty, or the disk or the database fails.
    pub async fn finish(mut self, caller: &Caller) -> Result<Upload, ServiceError> {
        if let Some(writer) = &mut self.writer {
            writer.end_here().await?;
        }
        if let Some(writer) = self.writer.take() {
            writer.finish().await?;
        }
        let id = std::mem::take(&mut self.id);
        self.service.upload(caller, &id).await
    }
}

impl Drop for FormUpload {
    fn drop(&mut self) {
        // Released before it is removed.
        self.writer = None;
        let (service, id) = (self.service.clone(), std::mem::take(&mut self.id));
        if !id.is_empty() {
            tokio::spawn(async move {
                if let Ok(coach) = service.coach()
                    && let Err(error) = coach.remove_upload(&id).await
                {
                    tracing::warn!(upload = id, "an upload that broke off was not removed: {error}");
                }
            });
        }
    }
}

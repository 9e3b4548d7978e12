//! Writing the bytes of an upload.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::{UPLOAD, UploadState, storage_error};
use crate::access::Caller;
use crate::{Service, ServiceError};

/// Appends to an upload. One at a time does.
pub struct UploadWriter {
    service: Arc<Service>,
    id: String,
    file: File,
    offset: u64,
    length: u64,
}

impl std::fmt::Debug for UploadWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "UploadWriter({} of {})", self.offset, self.length)
    }
}

impl Service {
    /// Goes on with an upload at `offset`, where it has stopped.
    ///
    /// # Errors
    /// When there is no such upload, its end is elsewhere, or another request writes to it.
    pub async fn write_upload(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        offset: u64,
    ) -> Result<UploadWriter, ServiceError> {
        let upload = self.upload(caller, id).await?;
        let uploads = &self.coach()?.uploads;
        if !uploads.written.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned()) {
            return Err(ServiceError::UploadBusy);
        }
        // Dropping the writer releases the upload, also when what follows fails.
        let opened = File::options().append(true).open(uploads.path(id)).await;
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                release(self, id);
                // Another server has its file.
                let is_missing = error.kind() == std::io::ErrorKind::NotFound;
                return Err(if is_missing { ServiceError::NoSuch(UPLOAD) } else { storage_error(&error) });
            }
        };
        let writer = UploadWriter { service: self.clone(), id: id.to_owned(), file, offset, length: upload.length };
        // Read again: what was written before is on the disk now.
        let end = uploads.offset(id).await;
        if upload.state != UploadState::Receiving || end != offset {
            return Err(ServiceError::UploadOffset {
                offset: if upload.state == UploadState::Receiving { end } else { upload.length },
            });
        }
        Ok(writer)
    }
}

impl UploadWriter {
    /// Bytes that the upload lacks.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.length - self.offset
    }

    /// Makes the bytes so far the whole file.
    ///
    /// # Errors
    /// When there are none, or the database fails.
    pub(super) async fn end_here(&mut self) -> Result<(), ServiceError> {
        if self.offset == 0 {
            return Err(ServiceError::Upload("The file is empty."));
        }
        self.length = self.offset;
        let length = i64::try_from(self.length).unwrap_or(i64::MAX);
        Ok(self.service.coach()?.database.set_upload_length(&self.id, length).await?)
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When they are more than the upload lacks, or the disk fails. What was appended before stays.
    pub async fn append(&mut self, bytes: &Bytes) -> Result<(), ServiceError> {
        if bytes.len() as u64 > self.missing() {
            return Err(ServiceError::Upload("The upload has more bytes than it was begun with."));
        }
        self.file.write_all(bytes).await.map_err(|error| storage_error(&error))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Makes what was appended durable. Returns the end; if it is that of the file, checking begins.
    ///
    /// # Errors
    /// When the disk or the database fails.
    pub async fn finish(mut self) -> Result<u64, ServiceError> {
        self.file.flush().await.map_err(|error| storage_error(&error))?;
        self.file.sync_all().await.map_err(|error| storage_error(&error))?;
        let offset = self.offset;
        if offset == self.length {
            let database = &self.service.coach()?.database;
            database.set_upload_state(&self.id, UploadState::Checking.name(), None, None).await?;
            let (service, id) = (self.service.clone(), self.id.clone());
            tokio::spawn(async move { service.inspect_upload(&id).await });
        }
        Ok(offset)
    }
}

impl Drop for UploadWriter {
    fn drop(&mut self) {
        release(&self.service, &self.id);
    }
}

fn release(service: &Service, id: &str) {
    if let Ok(coach) = service.coach() {
        coach.uploads.written.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

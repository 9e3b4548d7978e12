//! Work that blocks, away from the threads that serve requests.

use super::ServiceError;

/// Runs work that blocks on a thread of its own. Must be called within a tokio runtime.
///
/// # Errors
/// Those of the work, and `failed` if it panics.
pub async fn blocking<T: Send + 'static>(
    failed: &'static str,
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ServiceError::Internal(failed)))
}

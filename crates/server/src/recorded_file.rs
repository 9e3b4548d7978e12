//! A recording as a response: whole, or a range of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::Response;
use repcast_http::{Problem, ProblemKind};

use super::response::{MP4, NEVER, RequestedRange, ranged_body};
use super::spooled_segment;

/// The file as a download of this name.
///
/// # Errors
/// When it is gone.
pub(super) async fn response(
    path: PathBuf,
    name: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok::<_, io::Error>((file, length))
    });
    let gone = || Problem::new(ProblemKind::NotFound, "The file of the recording is gone.");
    let (file, length) = opened.await.map_err(|_| gone())?.map_err(|_| gone())?;
    let read = move |range: std::ops::Range<u64>| {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    };
    let part = |range| Body::from_stream(spooled_segment::pieces(range, read));
    let mut response = ranged_body(MP4, NEVER, length, RequestedRange::of(method, headers), part);
    // Names consist of digits and letters.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

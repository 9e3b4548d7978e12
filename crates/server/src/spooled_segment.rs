//! The bytes of an old segment that lies on disk, read as the client takes them.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::task::spawn_blocking;

/// Bytes that are read at once. They are in memory until the client takes them, for each of its requests: one frame of
/// HTTP/2.
const PIECE_BYTES: u64 = 16 * 1024;

/// The bytes of a range in pieces; `read` reads a part of it and may wait for the disk. After an error the stream ends, and
/// the client sees that the response is not complete.
pub(super) fn pieces<R>(range: Range<u64>, read: R) -> impl Stream<Item = io::Result<Bytes>>
where
    R: Fn(Range<u64>) -> io::Result<Bytes> + Send + 'static,
{
    unfold(Some((read, range)), |left| async move {
        let (read, Range { start, end }) = left.filter(|(_, range)| !range.is_empty())?;
        let next = end.min(start + PIECE_BYTES);
        match spawn_blocking(move || (read(start..next), read)).await {
            Ok((Ok(piece), read)) => Some((Ok(piece), Some((read, next..end)))),
            Ok((Err(error), _)) => Some((Err(error), None)),
            // The runtime shuts down.
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt;

    use super::*;

    /// A range that is read, how often it was, and an error for what starts at or after `fails_at`.
    fn source(fails_at: u64) -> (impl Fn(Range<u64>) -> io::Result<Bytes> + Send + 'static, Arc<AtomicUsize>) {
        let reads = Arc::new(AtomicUsize::new(0));
        let count = reads.clone();
        let read = move |range: Range<u64>| {
            count.fetch_add(1, Ordering::Relaxed);
            let is_readable = range.start < fails_at;
            is_readable.then(|| range.map(|at| at as u8).collect()).ok_or_else(|| io::Error::other("broken"))
        };
        (read, reads)
    }

    #[tokio::test]
    async fn a_segment_is_read_only_as_far_as_it_is_taken() {
        let (read, reads) = source(u64::MAX);
        let mut pieces = pin!(pieces(5..5 + 10 * PIECE_BYTES + 1, read));
        assert_eq!(reads.load(Ordering::Relaxed), 0);
        let mut received = pieces.next().await.unwrap().unwrap().to_vec();
        assert_eq!((received.len() as u64, reads.load(Ordering::Relaxed)), (PIECE_BYTES, 1));
        while let Some(piece) = pieces.next().await {
            received.extend(piece.unwrap());
        }
        assert_eq!(reads.load(Ordering::Relaxed), 11);
        assert!(received.into_iter().eq((5..5 + 10 * PIECE_BYTES + 1).map(|at| at as u8)));
    }

    #[tokio::test]
    async fn a_failed_read_ends_the_response_with_an_error() {
        let (read, _) = source(PIECE_BYTES);
        let pieces: Vec<_> = pieces(0..3 * PIECE_BYTES, read).collect().await;
        assert!(pieces.len() == 2 && pieces[0].is_ok() && pieces[1].is_err());
    }
}

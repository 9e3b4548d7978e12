//! The bytes of an old segment that lies on disk, read as the client takes them.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::task::spawn_blocking;

/// Bytes that are read at once, at first and at most; the pieces grow with what the client has taken. One piece is in memory
/// until the client takes it, for each of its requests, and a client that takes nothing has the smallest. The largest is a
/// frame of HTTP/2.
const MIN_PIECE: u64 = 2 * 1024;
const MAX_PIECE: u64 = 16 * 1024;

/// The bytes of a range in pieces; `read` reads a part of it and may wait for the disk. After an error the stream ends, and
/// the client sees that the response is not complete.
pub(super) fn pieces<R>(range: Range<u64>, read: R) -> impl Stream<Item = io::Result<Bytes>>
where
    R: Fn(Range<u64>) -> io::Result<Bytes> + Send + 'static,
{
    let first = range.start;
    unfold(Some((read, range)), move |left| async move {
        let (read, Range { start, end }) = left.filter(|(_, range)| !range.is_empty())?;
        let next = end.min(start + (start - first).clamp(MIN_PIECE, MAX_PIECE));
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
        const END: u64 = 5 + 40 * 1024 + 1;
        let (read, reads) = source(u64::MAX);
        let mut pieces = pin!(pieces(5..END, read));
        assert_eq!(reads.load(Ordering::Relaxed), 0);
        let (mut received, mut lengths) = (Vec::new(), Vec::new());
        while let Some(piece) = pieces.next().await {
            let piece = piece.unwrap();
            lengths.push(piece.len());
            received.extend(piece);
            assert_eq!(reads.load(Ordering::Relaxed), lengths.len());
        }
        assert_eq!(lengths, [2048, 2048, 4096, 8192, 16384, 8193]);
        assert!(received.into_iter().eq((5..END).map(|at| at as u8)));
    }

    #[tokio::test]
    async fn a_failed_read_ends_the_response_with_an_error() {
        let (read, _) = source(MIN_PIECE);
        let pieces: Vec<_> = pieces(0..MAX_PIECE, read).collect().await;
        assert!(pieces.len() == 2 && pieces[0].is_ok() && pieces[1].is_err());
    }
}

//! The bytes of a growing MP4: an init segment, and all parts from a segment on as they are published.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{iter, unfold};
use futures_util::{Stream, StreamExt};

use repcast_engine::live::{JointPart, JointReader};
use repcast_service::LiveSession;

/// All bytes of a stream that has ended, from its last segment on, in the pieces that the window holds; `None` while it
/// runs, and when it failed.
pub(super) fn finished(session: &LiveSession, mut reader: JointReader) -> Option<Vec<Bytes>> {
    let mut windows = session.stream.windows();
    if !windows.all(|(_, window)| window.edge().borrow().is_ended) || session.stream.report().failure.is_some() {
        return None;
    }
    let mut pieces = vec![reader.init().clone()];
    loop {
        match reader.next_part() {
            JointPart::Ready(data) => pieces.push(data),
            JointPart::End => return Some(pieces),
            JointPart::NotYet(_) | JointPart::Gone => return None,
        }
    }
}

/// A range of the bytes of pieces that follow each other. They are shared, not copied.
pub(super) fn part(pieces: Vec<Bytes>, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    let mut start = 0;
    let parts: Vec<_> = pieces
        .into_iter()
        .filter_map(|piece| {
            let offset = start;
            start += piece.len() as u64;
            let within = |at: u64| at.saturating_sub(offset).min(piece.len() as u64) as usize;
            let bounds = within(range.start)..within(range.end);
            (!bounds.is_empty()).then(|| Ok(piece.slice(bounds)))
        })
        .collect();
    iter(parts)
}

/// The bytes of a stream, with an error when they end early. The reader is counted as a viewer.
pub(super) fn pieces(session: &LiveSession, reader: JointReader) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let init = reader.init().clone();
    let viewer = (session.viewers.connect(), session.clone());
    let rest = unfold((viewer, reader, false), |(viewer, mut reader, failed)| async move {
        if failed {
            return None;
        }
        loop {
            let error = match reader.next_part() {
                JointPart::Ready(data) => return Some((Ok(data), (viewer, reader, false))),
                JointPart::NotYet(mut edge) => {
                    edge.changed().await.ok()?;
                    continue;
                }
                JointPart::End if viewer.1.stream.report().failure.is_none() => return None,
                JointPart::End => "the session failed",
                // The next part has left the window, and a gap would be worse than an end.
                JointPart::Gone => "the reader fell behind",
            };
            return Some((Err(io::Error::other(error)), (viewer, reader, true)));
        }
    });
    iter([Ok(init)]).chain(rest)
}

/// The first `length` bytes of a stream.
pub(super) fn limited(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    length: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    unfold((Box::pin(pieces), length), |(mut pieces, left)| async move {
        if left == 0 {
            return None;
        }
        let mut piece = pieces.next().await?;
        let mut taken = 0;
        if let Ok(data) = &mut piece {
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            taken = data.len() as u64;
        }
        Some((piece, (pieces, left - taken)))
    })
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn a_part_of_pieces_is_that_of_the_whole() {
        let whole: Vec<u8> = (0..10).collect();
        let pieces: Vec<Bytes> = [0..3, 3..3, 3..4, 4..10].map(|range| whole[range].to_vec().into()).into();
        for (start, end) in (0..=10).flat_map(|start| (start..=10).map(move |end| (start, end))) {
            let parts: Vec<_> = part(pieces.clone(), start..end).map(Result::unwrap).collect().await;
            assert_eq!(parts.concat(), whole[start as usize..end as usize], "{start}..{end}");
        }
    }

    /// The lengths of pieces after a limit.
    async fn lengths(pieces: &'static [usize], length: u64) -> Vec<usize> {
        let pieces =
            iter(pieces.iter().map(|size| Ok(Bytes::from(vec![7; *size])))).chain(futures_util::stream::pending());
        let taken = limited(pieces, length).map(|piece: io::Result<Bytes>| piece.unwrap().len());
        pin!(taken).take(4).collect().await
    }

    #[tokio::test]
    async fn a_limit_ends_an_endless_stream() {
        assert_eq!(lengths(&[3, 4, 5], 0).await, [0; 0]);
        assert_eq!(lengths(&[3, 4, 5], 2).await, [2]);
        assert_eq!(lengths(&[3, 4, 5], 3).await, [3]);
        assert_eq!(lengths(&[3, 4, 5], 8).await, [3, 4, 1]);
        assert_eq!(lengths(&[3, 4, 5], 12).await, [3, 4, 5]);
        assert_eq!(lengths(&[3, 4, 5, 6], u64::MAX).await, [3, 4, 5, 6]);
    }
}

//! The captions of a live stream in parts and segments that begin and end with the video's.
//!
//! ```text
//! frames    |a a a b b . . . . c c c c c c|c c c c d d d d d . . . . . .|     the text of each
//! parts     | a, b         | c            | c, d          |             |     cut at their ends
//! segments  | a, b, c                     | c, d                        |     joined again
//! ```
//!
//! When a text disappears is not known before it does: a command may come at any frame.

use std::sync::Arc;

use repcast_media::Grid;
use repcast_model::audio::{SampleSpan, sample_at};
use repcast_model::captions::{CaptionCue, CaptionPlacement};
use repcast_model::time::FrameRate;

use super::write::segment;
use crate::cmaf::Chunk;

/// Cuts the captions that accompany the video of a grid.
#[derive(Debug)]
pub struct CaptionSegmenter {
    grid: Grid,
    rate: FrameRate,
    placement: Option<CaptionPlacement>,
    /// The frame with which the open part begins.
    start: u64,
    part: Vec<CaptionCue>,
    /// The cues of the open segment, up to the open part.
    segment: Vec<CaptionCue>,
    begins_segment: bool,
}

impl CaptionSegmenter {
    /// A segmenter at the beginning of a stream whose video has this grid and rate.
    #[must_use]
    pub const fn new(grid: Grid, rate: FrameRate, placement: Option<CaptionPlacement>) -> Self {
        Self { grid, rate, placement, start: 0, part: Vec::new(), segment: Vec::new(), begins_segment: true }
    }

    /// Adds the text that is shown with a frame, if there is one, and passes the chunks that are complete with it to
    /// `publish`. Frames come in order; those that are left out show nothing.
    pub fn push(&mut self, frame: u64, text: Option<&Arc<str>>, mut publish: impl FnMut(Chunk)) {
        while frame >= self.grid.part_end(self.start) {
            publish(self.cut_on_grid());
        }
        if let Some(text) = text {
            let span = SampleSpan { start: sample_at(frame, self.rate), end: sample_at(frame + 1, self.rate) };
            append(&mut self.part, CaptionCue { span, text: text.clone() });
        }
        if frame + 1 >= self.grid.part_end(self.start) {
            publish(self.cut_on_grid());
        }
    }

    /// The rest, as the last chunk of a stream of `end` frames; `None` if its last part is complete.
    pub fn finish(&mut self, end: u64) -> Option<Chunk> {
        (end > self.start).then(|| self.cut(end, true))
    }

    fn cut_on_grid(&mut self) -> Chunk {
        let end = self.grid.part_end(self.start);
        self.cut(end, self.grid.begins_segment(end))
    }

    /// Ends the open part before frame `end`.
    fn cut(&mut self, end: u64, ends_segment: bool) -> Chunk {
        let part = std::mem::take(&mut self.part);
        let start = std::mem::replace(&mut self.start, end);
        let data = segment(&part, self.placement).into_bytes();
        part.into_iter().for_each(|cue| append(&mut self.segment, cue));
        let whole = Some(segment(&self.segment, self.placement).into_bytes());
        if ends_segment {
            self.segment.clear();
        }
        Chunk {
            data,
            whole,
            start,
            end,
            begins_at: self.rate.secs_at(start),
            duration: self.rate.secs_at(end - start),
            begins_segment: std::mem::replace(&mut self.begins_segment, ends_segment),
            is_independent: true,
            ends_segment,
            init: None,
        }
    }
}

/// Adds a cue to others, or makes the last one longer if the same text goes on.
fn append(cues: &mut Vec<CaptionCue>, cue: CaptionCue) {
    match cues.last_mut() {
        Some(last) if last.span.end == cue.span.start && last.text == cue.text => last.span.end = cue.span.end,
        _ => cues.push(cue),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use repcast_media::Segmentation;
    use repcast_model::document::SubtitleCue;
    use repcast_model::time::Rational;

    use super::super::read;
    use super::*;

    fn cues(data: &[u8]) -> Vec<SubtitleCue> {
        read(data).unwrap().cues
    }

    /// Starts and ends in milliseconds with the texts.
    fn millis(data: &[u8]) -> Vec<(i128, i128, String)> {
        let millis = |secs: Rational| (secs * 1000).to_integer();
        cues(data).into_iter().map(|cue| (millis(cue.start), millis(cue.end), cue.text)).collect()
    }

    /// The bytes of each segment as of its last chunk.
    fn segments(chunks: &[Chunk]) -> Vec<&[u8]> {
        let is_last = |index: usize| chunks.get(index + 1).is_none_or(|next| next.begins_segment);
        let last = (0..chunks.len()).filter(|index| is_last(*index));
        last.map(|index| chunks[index].whole.as_deref().unwrap()).collect()
    }

    #[test]
    fn cues_are_cut_at_parts_and_joined_in_segments() {
        let rate = FrameRate::new(30, 1).unwrap();
        let grid = Segmentation::default().grid(rate);
        let mut segmenter = CaptionSegmenter::new(grid, rate, None);
        let mut chunks = Vec::new();
        let text: Arc<str> = "Go".into();
        // From 2.2 s to 4.5 s; the first segment is the preroll.
        for frame in 0..150 {
            let shown = (66..135).contains(&frame).then_some(&text);
            segmenter.push(frame, shown, |chunk| chunks.push(chunk));
        }
        chunks.extend(segmenter.finish(155));
        let bounds: Vec<_> = chunks.iter().map(|chunk| (chunk.start, chunk.end)).collect();
        let expected: Vec<_> = (0..10).map(|part| (part * 15, part * 15 + 15)).chain([(150, 155)]).collect();
        assert_eq!(bounds, expected);
        let segments: Vec<_> = chunks.iter().map(|chunk| chunk.begins_segment).collect();
        assert_eq!(segments, [true, true, true, true, true, false, false, false, true, false, false]);
        let cue = |start, end| vec![(start, end, "Go".to_owned())];
        assert_eq!(millis(&chunks[4].data), cue(2200, 2500));
        assert_eq!(millis(&chunks[5].data), cue(2500, 3000));
        assert_eq!(millis(chunks[7].whole.as_ref().unwrap()), cue(2200, 4000));
        assert_eq!(millis(chunks[10].whole.as_ref().unwrap()), cue(4000, 4500));
        assert!(millis(&chunks[9].data).is_empty());
        assert_eq!(millis(chunks[5].whole.as_ref().unwrap()), cue(2200, 3000));
        assert_eq!((chunks[4].begins_at, chunks[4].duration), (Rational::from_integer(2), Rational::new(1, 2)));
        assert_eq!(segmenter.finish(155), None);
    }

    #[test]
    fn frames_that_are_left_out_show_nothing() {
        let rate = FrameRate::new(30, 1).unwrap();
        let mut segmenter = CaptionSegmenter::new(Segmentation::default().grid(rate), rate, None);
        let (text, mut chunks): (Arc<str>, _) = ("Go".into(), Vec::new());
        for frame in [0, 1, 40] {
            segmenter.push(frame, Some(&text), |chunk| chunks.push(chunk));
        }
        chunks.extend(segmenter.finish(41));
        assert_eq!(chunks.iter().map(|chunk| millis(&chunk.data).len()).collect::<Vec<_>>(), [1, 0, 1]);
        assert_eq!(millis(&chunks[2].data), [(1333, 1367, "Go".to_owned())]);
    }

    proptest! {
        /// Parts and segments show at each frame what was pushed for it, at every rate.
        #[test]
        fn parts_and_segments_show_the_text_of_each_frame(
            rate in prop::sample::select(vec![(24, 1), (25, 1), (30000, 1001), (50, 1), (60, 1)]),
            texts in prop::collection::vec((0_usize..3, 1_u64..50), 1..8),
        ) {
            let rate = FrameRate::new(rate.0, rate.1).unwrap();
            let names: [Option<Arc<str>>; 3] = [None, Some("a".into()), Some("b".into())];
            let frames: Vec<usize> =
                texts.iter().flat_map(|(text, count)| std::iter::repeat_n(*text, *count as usize)).collect();
            let mut segmenter = CaptionSegmenter::new(Segmentation::default().grid(rate), rate, None);
            let mut chunks = Vec::new();
            for (frame, text) in (0..).zip(&frames) {
                segmenter.push(frame, names[*text].as_ref(), |chunk| chunks.push(chunk));
            }
            chunks.extend(segmenter.finish(frames.len() as u64));
            let (parts, wholes): (Vec<_>, Vec<_>) = (
                chunks.iter().flat_map(|chunk| cues(&chunk.data)).collect(),
                segments(&chunks).into_iter().flat_map(cues).collect(),
            );
            for (frame, text) in (0..).zip(&frames) {
                // The middle of a frame: times are rounded to milliseconds.
                let middle = (rate.secs_at(frame) + rate.secs_at(frame + 1)) / 2;
                for all in [&parts, &wholes] {
                    let shown: Vec<&str> =
                        all.iter().filter(|cue| cue.start <= middle && middle < cue.end).map(|cue| &*cue.text).collect();
                    let expected: Vec<&str> = names[*text].iter().map(|text| &**text).collect();
                    prop_assert_eq!(shown, expected);
                }
            }
            prop_assert!(chunks.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}

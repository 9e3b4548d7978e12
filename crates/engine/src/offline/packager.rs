//! What the lanes have encoded, in the order of the timeline again, into one output.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::{Histogram, RenderError};
use repcast_gstreamer::encode::EncodeError;
use repcast_media::{EncodedFrame, StreamConfig, VideoSampler};
use repcast_mux::PackageError;
use repcast_mux::sink::Sink;

/// A frame out of a lane.
pub(super) struct Encoded {
    pub(super) group: Range<u64>,
    pub(super) config: StreamConfig,
    pub(super) frame: EncodedFrame,
}

/// The output under construction.
struct Packager {
    sink: Box<dyn Sink>,
    sampler: Option<VideoSampler>,
    /// Where the group begins whose turn it is, and how many of its frames are written.
    turn: u64,
    written: u64,
    /// Groups whose turn has not come.
    waiting: HashMap<u64, Vec<Encoded>>,
    times: Histogram,
}

/// Writes all `frames` of a video; returns its bytes and how long each frame took. Nothing when the lanes end early; why
/// they did is theirs to tell.
///
/// # Errors
/// When storage fails, or the lanes' encoders differ.
pub(super) fn write(
    encoded: &Receiver<Encoded>,
    sink: Box<dyn Sink>,
    frames: u64,
) -> Result<Option<(u64, Histogram)>, RenderError> {
    let mut packager =
        Packager { sink, sampler: None, turn: 0, written: 0, waiting: HashMap::new(), times: Histogram::default() };
    for frame in encoded {
        if frame.group.start == packager.turn {
            packager.write(frame)?;
        } else {
            packager.waiting.entry(frame.group.start).or_default().push(frame);
        }
        while let Some(waiting) = packager.waiting.remove(&packager.turn) {
            waiting.into_iter().try_for_each(|frame| packager.write(frame))?;
        }
    }
    if packager.turn != frames {
        return Ok(None);
    }
    Ok(Some((packager.sink.finish()?.bytes, packager.times)))
}

impl Packager {
    fn write(&mut self, Encoded { group, config, frame }: Encoded) -> Result<(), RenderError> {
        let started = Instant::now();
        let sampler = match &mut self.sampler {
            None => {
                let sampler = VideoSampler::new(config).map_err(PackageError::from)?;
                self.sink.begin(std::slice::from_ref(sampler.track()))?;
                self.sampler.insert(sampler)
            }
            Some(sampler) if sampler.has_config(&config) => sampler,
            Some(_) => {
                let (encoder, reason) =
                    ("side by side".to_owned(), "its parameters differ from lane to lane".to_owned());
                return Err(EncodeError::Failed { encoder, reason }.into());
            }
        };
        self.sink.push(sampler.sample(frame))?;
        self.times.add(started.elapsed());
        self.written += 1;
        if self.written == group.end - group.start {
            (self.turn, self.written) = (group.end, 0);
        }
        Ok(())
    }
}

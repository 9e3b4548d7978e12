//! Links the audio track of a demuxer to the elements that decode it, on GStreamer's threads.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use super::codecs::decoding_elements;
use crate::decode::DecodeError;
use crate::decode::decoder::{link, make, pad};
use crate::decode::demux::{FirstError, preference};
use crate::decode::stream::TimeOrigin;
use crate::pcm::stereo_caps;

/// Opus is always decoded at this rate (RFC 6716, 2).
const OPUS_RATE: u32 = 48_000;

/// Links a track to the elements that decode it.
pub(super) struct TrackLinker {
    /// Not a reference that would keep the pipeline, which keeps this.
    pub(super) pipeline: gst::glib::WeakRef<gst::Pipeline>,
    /// The pad that takes PCM.
    pub(super) entry: gst::Pad,
    pub(super) sink: gst_app::AppSink,
    pub(super) path: PathBuf,
    pub(super) first_error: FirstError,
    /// The delay of each track of a Matroska file, in nanoseconds.
    pub(super) delays: Arc<[u64]>,
    /// Receives that of the track that is linked.
    pub(super) delay: Arc<AtomicU64>,
    /// Receives the segments of the track that is linked.
    pub(super) origin: Arc<TimeOrigin>,
    /// How many more ID3 tags may follow the one that the demuxer removes.
    pub(super) tags_left: usize,
}

impl TrackLinker {
    /// Links the preferred audio track of a demuxer once all tracks are known. No data flows before that.
    pub(super) fn link_preferred_track(self, demux: &gst::Element) {
        if let Some(source) = demux.static_pad("src") {
            // A parser has one pad from the beginning, whose format is known later.
            let linker = Mutex::new(Some(self));
            source.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |pad, info| {
                if let Some(gst::EventView::Caps(caps)) = info.event().map(|event| event.view())
                    && let Some(linker) = linker.lock().ok().and_then(|mut linker| linker.take())
                {
                    linker.link_parsed(pad, caps.caps());
                }
                gst::PadProbeReturn::Ok
            });
            return;
        }
        let tracks: Arc<Mutex<Vec<gst::Pad>>> = Arc::default();
        let candidates = tracks.clone();
        demux.connect_pad_added(move |_, new| {
            let is_audio = pad_caps(new).structure(0).is_some_and(|format| format.name().starts_with("audio/"));
            if is_audio && let Ok(mut candidates) = candidates.lock() {
                candidates.push(new.clone());
            }
        });
        let is_linked = AtomicBool::new(false);
        demux.connect_no_more_pads(move |_| {
            // An Ogg file may contain one stream after another, of which the first is read.
            if is_linked.swap(true, Ordering::Relaxed) {
                return;
            }
            let mut candidates = tracks.lock().map(|mut tracks| std::mem::take(&mut *tracks)).unwrap_or_default();
            candidates.sort_by_key(preference);
            match candidates.first() {
                Some(selected) => self.link_track(selected, &pad_caps(selected)),
                None => self.report(DecodeError::NoAudio(self.path.clone())),
            }
        });
    }

    /// Links what a parser has found: a track, or another tag before it.
    fn link_parsed(mut self, source: &gst::Pad, caps: &gst::CapsRef) {
        let is_tag = caps.structure(0).is_some_and(|format| format.name() == "application/x-id3");
        let Some(left) = self.tags_left.checked_sub(1).filter(|_| is_tag) else {
            return self.link_track(source, caps);
        };
        self.tags_left = left;
        let first_error = self.first_error.clone();
        if let Err(error) = self.skip_tag(source) {
            report(&first_error, error);
        }
    }

    /// Removes a tag, and links what follows it.
    fn skip_tag(self, source: &gst::Pad) -> Result<(), DecodeError> {
        let Some(pipeline) = self.pipeline.upgrade() else { return Ok(()) };
        let demux = make("id3demux")?;
        link(pipeline.add(&demux))?;
        let (entry, path) = (pad(&demux, "sink")?, self.path.clone());
        self.link_preferred_track(&demux);
        link(demux.sync_state_with_parent())?;
        let broken = |error| DecodeError::Broken { path, reason: format!("its tags cannot be skipped: {error}") };
        source.link(&entry).map(drop).map_err(broken)
    }

    fn link_track(&self, track: &gst::Pad, caps: &gst::CapsRef) {
        let Some(format) = caps.structure(0) else { return self.report(DecodeError::NoAudio(self.path.clone())) };
        let broken = |reason: String| DecodeError::Broken { path: self.path.clone(), reason };
        let Some(elements) = decoding_elements(format) else {
            return self.report(broken(format!("no decoder for {}", format.name())));
        };
        if format.name() == "audio/x-opus" {
            self.sink.set_caps(Some(&stereo_caps(Some(OPUS_RATE))));
        }
        let number = track.name().strip_prefix("audio_").and_then(|number| number.parse::<usize>().ok());
        let delay = number.and_then(|number| self.delays.get(number)).copied().unwrap_or(0);
        self.delay.store(delay, Ordering::Relaxed);
        let origin = self.origin.clone();
        track.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            if let Some(gst::EventView::Segment(event)) = info.event().map(|event| event.view())
                && let Some(segment) = event.segment().downcast_ref::<gst::ClockTime>()
            {
                origin.add_segment(segment);
            }
            gst::PadProbeReturn::Ok
        });
        if let Err(error) = self.link_elements(track, elements) {
            self.report(error);
        }
    }

    /// Links a pad to the entry through these elements, which are started.
    pub(super) fn link_elements(&self, from: &gst::Pad, names: &[&str]) -> Result<(), DecodeError> {
        let Some(pipeline) = self.pipeline.upgrade() else { return Ok(()) };
        let elements = names.iter().map(|name| make(name)).collect::<Result<Vec<_>, _>>()?;
        link(pipeline.add_many(&elements))?;
        link(gst::Element::link_many(&elements))?;
        let (first, last) = match (elements.first(), elements.last()) {
            (Some(first), Some(last)) => (pad(first, "sink")?, Some(pad(last, "src")?)),
            _ => (self.entry.clone(), None),
        };
        let linked = last.map_or(Ok(()), |last| last.link(&self.entry).map(drop));
        for element in elements.iter().rev() {
            link(element.sync_state_with_parent())?;
        }
        let reason = "its format is not the one that its container states".to_owned();
        linked
            .and_then(|()| from.link(&first).map(drop))
            .map_err(|_| DecodeError::Broken { path: self.path.clone(), reason })
    }

    fn report(&self, error: DecodeError) {
        report(&self.first_error, error);
    }
}

fn report(first_error: &FirstError, error: DecodeError) {
    if let Ok(mut first_error) = first_error.lock() {
        first_error.get_or_insert(error);
    }
}

fn pad_caps(pad: &gst::Pad) -> gst::Caps {
    pad.current_caps().unwrap_or_else(|| pad.query_caps(None))
}

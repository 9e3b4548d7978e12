//! The two threads that render a session's frames.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender};
use repcast_compositor::LatestFrame;
use repcast_media::Grid;
use repcast_model::audio::sample_at;
use repcast_model::session;

use super::audio::AudioRendition;
use super::captions::Captioner;
use super::clock::Clock;
use super::document_change::DocumentChange;
use super::lag::LagCounter;
use super::pace::Pace;
use super::rendition_encoder::RenditionEncoder;
use super::session_context::{SessionContext, lock};
use super::stream::LiveError;
use super::window::Window;
use crate::frame::{CompositeStage, DecodeStage, DecodedFrame};
use crate::metrics::Counter;

/// Decoded frames that wait for the compositor: a command takes effect after them, and they bridge a clip that is slow to
/// open.
pub(super) const QUEUED_FRAMES: usize = 4;

/// One frame of the stream on its way to the compositor.
pub(super) struct LiveFrame {
    /// The frame's number in the stream.
    number: u64,
    /// `None` for a frame that was late before it was decoded.
    decoded: Option<Box<DecodedFrame>>,
    /// What draws this frame and those after it, if the document has changed.
    stage: Option<Box<(CompositeStage, Option<LatestFrame>)>>,
}

/// Thread "decode": what each frame of the stream shows, decoded.
pub(super) fn decode(
    session: &SessionContext,
    mut stage: DecodeStage,
    (audio, captions): (Option<&AudioRendition>, Option<&Captioner>),
    pace: &Pace,
    clock: &dyn Clock,
    frames: &Sender<LiveFrame>,
) {
    let mut position = None;
    for number in 0.. {
        if session.stop.load(Ordering::Relaxed) {
            break;
        }
        let changed = lock(&session.change).take().map(|mut change| {
            change.apply(session);
            let DocumentChange { decode, composite, source, audio: mix, captions: tracks, replaced, .. } = *change;
            // The caller may have given up.
            let _ = replaced.try_send(std::mem::replace(&mut stage, decode));
            audio.into_iter().zip(mix).for_each(|(audio, mix)| audio.change(number, mix));
            captions.into_iter().for_each(|captions| captions.change(number, tracks.clone()));
            Box::new((composite, source))
        });
        let Some((playhead, shown, new_position)) = session.tick() else { break };
        audio.into_iter().for_each(|audio| audio.push(number, playhead));
        captions.into_iter().for_each(|captions| captions.push(number, playhead));
        if position != Some(new_position) {
            position = Some(new_position);
            session.notify_changed();
        }
        let decoded = (!pace.is_too_late(number, clock.now())).then(|| {
            let started = Instant::now();
            let timeline = stage.timeline();
            let overlay_from = timeline.items().len();
            let mut plan = timeline.plan(shown.frame);
            let screen = shown.is_waiting.then(|| lock(&session.waiting_screen).clone()).flatten();
            plan.layers.extend(match screen {
                Some(screen) => {
                    screen.layers(&timeline.title, &shown, timeline.canvas, &timeline.overlay, overlay_from)
                }
                None => session::overlay(&shown, &timeline.overlay, overlay_from),
            });
            Box::new(stage.decode_plan(started, plan))
        });
        for error in stage.take_failures() {
            tracing::warn!(session = session.id, "{error}");
            session.report_broken(error);
        }
        if frames.send(LiveFrame { number, decoded, stage: changed }).is_err() {
            break;
        }
    }
}

/// Where frames go.
pub(super) struct StreamOutput {
    pub(super) renditions: Vec<RenditionEncoder>,
    /// The windows of the renditions, of the audio and of the captions.
    pub(super) windows: Vec<Arc<Window>>,
}

/// Thread "composite": each frame at its time, into every rendition.
pub(super) fn composite(
    session: &Arc<SessionContext>,
    mut stage: CompositeStage,
    StreamOutput { mut renditions, windows }: StreamOutput,
    pace: &Pace,
    grid: Grid,
    clock: &dyn Clock,
    frames: &Receiver<LiveFrame>,
) -> Result<(), LiveError> {
    let metrics = &session.metrics;
    let mut count = 0;
    let mut lag = LagCounter::default();
    let mut result = Ok(());
    for LiveFrame { number, decoded, stage: changed } in frames {
        if session.stop.load(Ordering::Relaxed) {
            break;
        }
        if let Some(changed) = changed {
            let (changed, source) = *changed;
            stage = changed;
            session.monitor.set_source(source);
        }
        count = number + 1;
        metrics.add(Counter::Frames, 1);
        if number == pace.preroll_frames() {
            start_clock(pace, clock, &windows);
        }
        clock.sleep_until(pace.due(number));
        let decoded = decoded.filter(|_| !pace.is_too_late(number, clock.now()));
        // A late frame that starts a part is drawn, but the session is no less behind.
        let is_late = decoded.is_none() || pace.is_behind(number, clock.now());
        if number >= pace.preroll_frames() && lag.count(clock.now(), is_late) {
            result = Err(LiveError::Behind);
            break;
        }
        let Some(decoded) = decoded else {
            metrics.add(Counter::LateFrames, 1);
            continue;
        };
        stage.submit(*decoded)?;
        session.monitor.count_composited(count);
        // The frames of the preroll are drawn as fast as possible.
        if number >= pace.preroll_frames() {
            let late = clock.now().saturating_sub(pace.due(number));
            let due = Instant::now().checked_sub(late).unwrap_or_else(Instant::now);
            session.monitor.frame_shown(sample_at(number, pace.rate()), due);
        }
        let frame = stage.take()?.ok_or(LiveError::Lost("composite"))?;
        frame.times.record(metrics);
        for rendition in &mut renditions {
            match rendition.push(&frame.picture, number, grid.begins_segment(number)) {
                // The session was ended while the encoder was waited for.
                Err(_) if session.stop.load(Ordering::Relaxed) => break,
                result => result?,
            }
        }
        session.set_encoder(renditions.first().and_then(RenditionEncoder::encoder));
    }
    start_clock(pace, clock, &windows);
    // Every rendition is ended before one is waited for.
    renditions.iter_mut().for_each(|rendition| rendition.end(count));
    drop(renditions);
    result
}

/// Ends the preroll, or a stream that is shorter: from now on the clock counts, and viewers can read the stream.
fn start_clock(pace: &Pace, clock: &dyn Clock, windows: &[Arc<Window>]) {
    pace.start(clock.now());
    let start = pace.program_start_nanos(clock.origin_unix_nanos());
    windows.iter().for_each(|window| window.open(start));
}

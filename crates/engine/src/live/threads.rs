//! The two threads that make a session's frames.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::clock::Clock;
use super::lane::Lane;
use super::meters::{Count, Stage};
use super::pace::Pace;
use super::stream::{LiveError, Shared};
use repcast_compositor::{Compositor, LayerFrames};
use repcast_mux::cmaf::Grid;
use crate::open::Project;
use crate::clips::Feeder;
use repcast_model::session;
use repcast_model::timeline::FramePlan;

/// Planned and decoded frames that wait to be drawn: a command acts behind them, and a clip that takes long to open is
/// bridged by them.
pub(super) const QUEUED_JOBS: usize = 4;

/// How long a clip may keep everybody waiting before a slate stands in for it: little, for viewers, and enough for a
/// decoder that starts on a busy machine.
pub(super) const CLIP_PATIENCE: Duration = Duration::from_secs(2);

/// One output frame on its way to the compositor.
pub(super) struct Job {
    number: u64,
    /// Nothing for a frame whose time had passed before it was decoded.
    picture: Option<(FramePlan, LayerFrames)>,
    took: Duration,
}

/// Thread "plan": what each output frame shows, decoded.
pub(super) fn plan(
    shared: &Shared,
    project: &Project,
    mut feeder: Feeder,
    pace: &Pace,
    clock: &dyn Clock,
    jobs: &Sender<Job>,
) {
    let timeline = &project.timeline;
    let overlay_from = timeline.items().len();
    let mut reported = 0;
    let mut seen = None;
    for number in 0.. {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        let started = Instant::now();
        let Some((shown, place)) = shared.tick() else { break };
        if seen != Some(place) {
            seen = Some(place);
            shared.touch();
        }
        let picture = if pace.is_too_late(number, clock.now()) {
            None
        } else {
            let mut plan = timeline.plan(shown.frame);
            plan.layers.extend(session::overlay(&shown, timeline.canvas, overlay_from));
            let frames = feeder.frames(&plan);
            Some((plan, frames))
        };
        for error in &feeder.broken()[reported..] {
            tracing::warn!(session = shared.id, "{error}");
            shared.report_broken(error);
        }
        reported = feeder.broken().len();
        if jobs.send(Job { number, picture, took: started.elapsed() }).is_err() {
            break;
        }
    }
}

/// Thread "draw": each frame at its time, into every rendition.
pub(super) fn draw(
    shared: &Arc<Shared>,
    mut compositor: Compositor,
    mut lanes: Vec<Lane>,
    pace: &Pace,
    grid: Grid,
    clock: &dyn Clock,
    jobs: &Receiver<Job>,
) -> Result<(), LiveError> {
    let meters = &shared.meters;
    let mut frames = 0;
    for Job { number, picture, took } in jobs {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        frames = number + 1;
        meters.count(Count::Frames, 1);
        if number == pace.head_start() {
            begin(pace, clock, &lanes);
        }
        clock.sleep_until(pace.due(number));
        let Some((plan, layers)) = picture.filter(|_| !pace.is_too_late(number, clock.now())) else {
            meters.count(Count::Late, 1);
            continue;
        };
        meters.time(Stage::Decode, took);
        let started = Instant::now();
        compositor.draw(&plan, &layers)?;
        shared.monitor.count_drawn(frames);
        let drawn = Instant::now();
        meters.time(Stage::Composite, drawn - started);
        let picture = compositor.take()?.ok_or(LiveError::Lost("draw"))?;
        meters.time(Stage::ReadBack, drawn.elapsed());
        for lane in &mut lanes {
            match lane.push(&picture, number, grid.begins_segment(number)) {
                // It was told to end while it waited.
                Err(_) if shared.stop.load(Ordering::Relaxed) => break,
                result => result?,
            }
        }
        shared.set_encoder(lanes.first().map_or("", Lane::encoder));
    }
    begin(pace, clock, &lanes);
    // All of them are told before any is waited for.
    lanes.iter_mut().for_each(|lane| lane.end(frames));
    drop(lanes);
    Ok(())
}

/// The head start is made, or the stream is shorter: the clock counts, and viewers may look.
fn begin(pace: &Pace, clock: &dyn Clock, lanes: &[Lane]) {
    pace.anchor(clock.now());
    let start = pace.program_start_nanos(clock.origin_unix_nanos());
    lanes.iter().for_each(|lane| lane.window().open(start));
}

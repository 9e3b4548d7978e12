//! Switches the sound of a window on and off. Its thread opens the device and plays until it is stopped; the caller
//! never waits for a device.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use repcast_media::{AudioOutputError, AudioOutputs};

use super::feed::MixFeed;
use super::playback::{Playback, STEP};

/// How long a device may take to close when it is switched off and on again at once.
const REOPEN_TIMEOUT: Duration = Duration::from_millis(100);

/// How long a device may take to close at the end; one that takes longer is abandoned with its thread.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a call of a device may take before it counts as unresponsive.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether the sound is heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MonitorState {
    /// It was switched off.
    Off,
    /// The device is being opened, or plays.
    On,
    /// There is no device.
    Missing,
    /// The device was lost.
    Lost,
    /// A call of the device does not return.
    Unresponsive,
}

/// What the thread reports.
#[derive(Debug)]
struct Report {
    state: MonitorState,
    /// When the thread last returned from the device.
    returned_at: Instant,
    /// What the user has not been notified of.
    notice: Option<String>,
}

/// A thread that plays. Dropping `stop` ends it.
struct PlaybackThread {
    stop: Option<Sender<()>>,
    /// Disconnected when it has ended.
    ended: Receiver<()>,
    report: Arc<Mutex<Report>>,
}

/// The sound of a window.
pub struct SoundMonitor {
    feed: Arc<MixFeed>,
    outputs: Arc<dyn AudioOutputs>,
    thread: Option<PlaybackThread>,
}

impl SoundMonitor {
    /// A monitor of a mix, switched off.
    #[must_use]
    pub fn new(feed: Arc<MixFeed>, outputs: Arc<dyn AudioOutputs>) -> Self {
        Self { feed, outputs, thread: None }
    }

    /// The mix.
    #[must_use]
    pub fn feed(&self) -> &Arc<MixFeed> {
        &self.feed
    }

    /// Whether it is heard.
    #[must_use]
    pub fn state(&self) -> MonitorState {
        let Some(thread) = self.thread.as_ref().filter(|thread| thread.stop.is_some()) else {
            return MonitorState::Off;
        };
        let report = lock(&thread.report);
        match report.state {
            MonitorState::On if report.returned_at.elapsed() > CALL_TIMEOUT => MonitorState::Unresponsive,
            state => state,
        }
    }

    /// What the user is to be notified of, once: there is no device, or it was lost.
    pub fn take_notice(&mut self) -> Option<String> {
        let thread = self.thread.as_ref().filter(|thread| thread.stop.is_some())?;
        lock(&thread.report).notice.take()
    }

    /// Switches the sound off where it is on, and on otherwise: a device that was lost is opened again.
    pub fn toggle(&mut self) {
        self.set_on(!matches!(self.state(), MonitorState::On | MonitorState::Unresponsive));
    }

    /// Switches the sound on or off. Returns at once; [`Self::state`] tells whether a device was found.
    pub fn set_on(&mut self, is_on: bool) {
        if let Some(thread) = &mut self.thread {
            thread.stop = None;
            let limit = if is_on { REOPEN_TIMEOUT } else { Duration::ZERO };
            if !thread.has_ended_within(limit) {
                if is_on {
                    // At most one thread is inside a device that does not return.
                    tracing::warn!("the sound device does not respond");
                }
                return;
            }
            self.thread = None;
        }
        if is_on {
            self.thread = PlaybackThread::start(&self.feed, &self.outputs);
        }
    }
}

impl Drop for SoundMonitor {
    fn drop(&mut self) {
        if let Some(thread) = &mut self.thread {
            thread.stop = None;
            if !thread.has_ended_within(CLOSE_TIMEOUT) {
                tracing::warn!("the sound device does not respond and is abandoned");
            }
        }
    }
}

impl PlaybackThread {
    fn start(feed: &Arc<MixFeed>, outputs: &Arc<dyn AudioOutputs>) -> Option<Self> {
        let report = Report { state: MonitorState::On, returned_at: Instant::now(), notice: None };
        let report = Arc::new(Mutex::new(report));
        let (stop, stopped) = bounded(0);
        let (end, ended) = bounded(0);
        let (feed, outputs, shared) = (feed.clone(), outputs.clone(), report.clone());
        let work = move || {
            let _end = end;
            if let Err(error) = play(&feed, &*outputs, &shared, &stopped) {
                tracing::debug!("{error}");
                let mut report = lock(&shared);
                (report.state, report.notice) = match error {
                    AudioOutputError::Missing => (MonitorState::Missing, Some("there is no sound device".to_owned())),
                    AudioOutputError::Failed(_) => {
                        (MonitorState::Lost, Some("the sound device was lost; press a to try again".to_owned()))
                    }
                };
            }
        };
        let started = thread::Builder::new().name("monitor".to_owned()).spawn(work);
        started.inspect_err(|error| tracing::error!("no thread could be started for the sound: {error}")).ok()?;
        Some(Self { stop: Some(stop), ended, report })
    }

    fn has_ended_within(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected)
    }
}

/// Plays the feed until the sender of `stopped` is dropped.
fn play(
    feed: &MixFeed,
    outputs: &dyn AudioOutputs,
    report: &Mutex<Report>,
    stopped: &Receiver<()>,
) -> Result<(), AudioOutputError> {
    let mut playback = Playback::new(outputs.open()?, Instant::now());
    loop {
        playback.step(feed, Instant::now())?;
        lock(report).returned_at = Instant::now();
        if stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Disconnected) {
            return Ok(());
        }
    }
}

fn lock(report: &Mutex<Report>) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;

    use super::super::feed::MixLevels;
    use super::*;
    use repcast_media::{AudioOutput, Stereo};

    /// Devices for tests.
    enum Devices {
        Missing,
        /// Every call waits until the gate is open.
        Blocking(Arc<(Mutex<bool>, Condvar)>),
        /// Fails after this many calls.
        Failing(usize),
    }

    struct Device {
        gate: Option<Arc<(Mutex<bool>, Condvar)>>,
        calls_left: usize,
    }

    impl AudioOutputs for Devices {
        fn open(&self) -> Result<Box<dyn AudioOutput>, AudioOutputError> {
            Ok(Box::new(match self {
                Self::Missing => return Err(AudioOutputError::Missing),
                Self::Blocking(gate) => Device { gate: Some(gate.clone()), calls_left: usize::MAX },
                Self::Failing(calls) => Device { gate: None, calls_left: *calls },
            }))
        }
    }

    impl AudioOutput for Device {
        fn latency(&self) -> Duration {
            Duration::from_millis(20)
        }

        fn play(&mut self, _: &[Stereo], _: Duration) -> Result<(), AudioOutputError> {
            if let Some(gate) = &self.gate {
                drop(gate.1.wait_while(gate.0.lock().unwrap(), |is_open| !*is_open));
            }
            let left = self.calls_left.checked_sub(1);
            self.calls_left = left.ok_or_else(|| AudioOutputError::Failed("unplugged".to_owned()))?;
            Ok(())
        }
    }

    /// A monitor of ten seconds of silence that are heard now.
    fn monitor(devices: Devices) -> SoundMonitor {
        let feed = Arc::<MixFeed>::default();
        feed.set_active(true);
        feed.begin().push(0, &vec![[0.0; 2]; 480_000], MixLevels::default());
        feed.show(0, Instant::now(), Instant::now());
        SoundMonitor::new(feed, Arc::new(devices))
    }

    #[track_caller]
    fn wait_for(monitor: &SoundMonitor, state: MonitorState) {
        let since = Instant::now();
        while monitor.state() != state {
            assert!(since.elapsed() < Duration::from_secs(60), "{:?}", monitor.state());
            thread::yield_now();
        }
    }

    #[test]
    fn a_missing_device_is_reported_once_and_tried_again() {
        let mut monitor = monitor(Devices::Missing);
        assert_eq!((monitor.state(), monitor.take_notice()), (MonitorState::Off, None));
        for _ in 0..2 {
            monitor.toggle();
            wait_for(&monitor, MonitorState::Missing);
            assert!(monitor.take_notice().is_some() && monitor.take_notice().is_none());
        }
        monitor.set_on(false);
        assert_eq!(monitor.state(), MonitorState::Off);
    }

    #[test]
    fn a_device_that_fails_in_the_middle_stops_quietly_and_is_opened_again() {
        let mut monitor = monitor(Devices::Failing(3));
        for _ in 0..2 {
            monitor.toggle();
            wait_for(&monitor, MonitorState::Lost);
            assert!(monitor.take_notice().unwrap().contains("lost"));
        }
    }

    #[test]
    fn a_device_that_never_returns_blocks_neither_the_mix_nor_the_window() {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let mut monitor = monitor(Devices::Blocking(gate.clone()));
        monitor.toggle();
        wait_for(&monitor, MonitorState::Unresponsive);
        // The mix goes on.
        let writer = monitor.feed().begin();
        for start in (0..4_800_000).step_by(4800) {
            writer.push(start, &[[0.5; 2]; 4800], MixLevels::default());
        }
        monitor.toggle();
        assert_eq!(monitor.state(), MonitorState::Off);
        // It is not opened a second time meanwhile.
        monitor.toggle();
        assert_eq!(monitor.state(), MonitorState::Off);
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        let since = Instant::now();
        while monitor.state() != MonitorState::On {
            assert!(since.elapsed() < Duration::from_secs(60));
            monitor.set_on(true);
        }
    }
}

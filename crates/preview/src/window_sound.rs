//! The sound of a window as its controller sees it: a switch and a meter.

use std::sync::Arc;
use std::time::Instant;

use repcast_engine::monitor::{LevelMeter, MeterReading, MixFeed, MonitorState, SoundMonitor};
use repcast_media::AudioOutputs;

/// What the cockpit shows of the sound.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SoundView {
    /// Whether it is heard.
    pub state: MonitorState,
    /// The level of the mix, heard or not.
    pub levels: MeterReading,
}

/// The sound of a window.
pub(crate) struct WindowSound {
    monitor: SoundMonitor,
    meter: LevelMeter,
}

impl WindowSound {
    /// The mix of a feed, switched off.
    pub(crate) fn new(feed: Arc<MixFeed>, outputs: Arc<dyn AudioOutputs>) -> Self {
        Self { monitor: SoundMonitor::new(feed, outputs), meter: LevelMeter::default() }
    }

    pub(crate) fn view(&mut self, now: Instant) -> SoundView {
        SoundView { state: self.monitor.state(), levels: self.meter.read(self.monitor.feed(), now) }
    }

    pub(crate) fn set_on(&mut self, is_on: bool) {
        self.monitor.set_on(is_on);
    }

    /// Switches the sound on or off; returns a notice for the user, if there is one. A missing device is notified of later.
    pub(crate) fn toggle(&mut self) -> Option<String> {
        let was_on = matches!(self.monitor.state(), MonitorState::On | MonitorState::Unresponsive);
        self.monitor.toggle();
        match self.monitor.state() {
            MonitorState::Off if !was_on => Some("the sound device does not respond".to_owned()),
            _ => None,
        }
    }

    /// What the user is to be notified of, once.
    pub(crate) fn take_notice(&mut self) -> Option<String> {
        self.monitor.take_notice()
    }
}

//! The encoders that work on this machine, and those that have failed since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use repcast_gstreamer::encode::{CANDIDATES, EncodeError, EncoderSettings, FALLBACK, select_encoder};

/// How long new sessions avoid an encoder that has failed in another one: drivers recover, and a card that was out of
/// encoder sessions has one again.
const COOLDOWN: Duration = Duration::from_secs(60);

/// The encoders as one stream uses them. A clone starts at the best one that is not in its cooldown.
#[derive(Debug)]
pub struct Encoders {
    /// Candidates, the best first.
    candidates: Arc<Vec<&'static str>>,
    /// When each encoder failed last, in any session.
    failed: Arc<Mutex<HashMap<&'static str, Instant>>>,
    /// What has failed in this stream, which does not use it again.
    failed_here: Vec<&'static str>,
}

impl Clone for Encoders {
    fn clone(&self) -> Self {
        Self { candidates: self.candidates.clone(), failed: self.failed.clone(), failed_here: Vec::new() }
    }
}

impl Encoders {
    /// Probes the wanted encoder, or each candidate in turn until one works. Later candidates are probed when they are
    /// needed.
    ///
    /// # Errors
    /// When the name is unknown, or nothing works.
    pub fn find(wanted: Option<&str>, settings: &EncoderSettings) -> Result<Self, EncodeError> {
        let first = select_encoder(wanted, settings)?.name;
        let rest = CANDIDATES.iter().skip_while(|name| **name != first).skip(1).copied();
        let candidates: Vec<&'static str> = match wanted {
            None => std::iter::once(first).chain(rest).collect(),
            // A stream that has started must continue, even without the wanted encoder.
            Some(_) => vec![first, FALLBACK],
        };
        Ok(Self::of(candidates))
    }

    fn of(candidates: Vec<&'static str>) -> Self {
        Self { candidates: Arc::new(candidates), failed: Arc::default(), failed_here: Vec::new() }
    }

    /// The one to use now.
    #[must_use]
    pub fn current(&self) -> &'static str {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_cooling_down = |name: &&str| failed.get(*name).is_some_and(|when| when.elapsed() < COOLDOWN);
        let usable = self.candidates.iter().find(|name| !self.failed_here.contains(name) && !is_cooling_down(name));
        usable.copied().unwrap_or(FALLBACK)
    }

    /// Records that an encoder has failed. Other streams avoid one that had delivered frames; one that had not may have
    /// rejected this stream alone, for its size.
    pub fn report_failure(&mut self, name: &'static str, had_delivered: bool) {
        // The fallback is restarted: there is nothing else.
        if name == FALLBACK {
            return;
        }
        self.failed_here.push(name);
        if had_delivered {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
        }
    }

    /// How long an encoder with pending pictures may deliver nothing before it is replaced. The fallback has more time: when
    /// it is slow the machine is busy, and a restart would not help.
    pub(super) fn stall_timeout(name: &str) -> Duration {
        if name == FALLBACK { Duration::from_secs(10) } else { Duration::from_millis(500) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_encoder_is_not_used_again_and_the_fallback_stays() {
        let mut encoders = Encoders::of(vec!["vah264enc", "openh264enc", FALLBACK]);
        let other_session = encoders.clone();
        assert_eq!(encoders.current(), "vah264enc");
        encoders.report_failure("vah264enc", true);
        assert_eq!((encoders.current(), other_session.current()), ("openh264enc", "openh264enc"));
        encoders.report_failure("openh264enc", false);
        assert_eq!(other_session.current(), "openh264enc");
        encoders.report_failure(FALLBACK, true);
        assert_eq!(encoders.current(), FALLBACK);
    }
}

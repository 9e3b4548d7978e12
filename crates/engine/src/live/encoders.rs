//! The encoders of this machine that work, and those that have failed since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use repcast_gstreamer::encode::{CANDIDATES, EncodeError, EncoderSettings, LAST_RESORT, choose};

/// How long an encoder that has failed in one session is spared by new ones: drivers recover, and a card that has no
/// session left gets one back.
const REST: Duration = Duration::from_secs(60);

/// A stream's view of the encoders. Clones begin again at the best one that is not resting.
#[derive(Debug)]
pub struct Encoders {
    /// What is worth trying, the best first.
    known: Arc<Vec<&'static str>>,
    /// What has failed in any session lately.
    failed: Arc<Mutex<HashMap<&'static str, Instant>>>,
    /// What has failed in this stream, which does not come back to it.
    failed_here: Vec<&'static str>,
}

impl Clone for Encoders {
    fn clone(&self) -> Self {
        Self { known: self.known.clone(), failed: self.failed.clone(), failed_here: Vec::new() }
    }
}

impl Encoders {
    /// Finds out what works here, by trying: the encoder that is wanted, or each in turn until one delivers. The
    /// candidates behind it are tried when they are needed.
    ///
    /// # Errors
    /// When the name is unknown, or nothing works.
    pub fn find(wanted: Option<&str>, settings: &EncoderSettings) -> Result<Self, EncodeError> {
        let first = choose(wanted, settings)?.name;
        let rest = CANDIDATES.iter().skip_while(|name| **name != first).skip(1).copied();
        let known: Vec<&'static str> = match wanted {
            None => std::iter::once(first).chain(rest).collect(),
            // Whoever wants this one does not want others, but a stream that has begun has to go on.
            Some(_) => vec![first, LAST_RESORT],
        };
        Ok(Self::of(known))
    }

    fn of(known: Vec<&'static str>) -> Self {
        Self { known: Arc::new(known), failed: Arc::default(), failed_here: Vec::new() }
    }

    /// The one to use now.
    #[must_use]
    pub fn current(&self) -> &'static str {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = |name: &&str| failed.get(*name).is_some_and(|when| when.elapsed() < REST);
        let usable = self.known.iter().find(|name| !self.failed_here.contains(name) && !rests(name));
        usable.copied().unwrap_or(LAST_RESORT)
    }

    /// Takes note that an encoder has failed. One that had delivered is spared by others too; one that had not may have
    /// refused this stream alone, for its size.
    pub fn report_failure(&mut self, name: &'static str, had_delivered: bool) {
        // The last resort is started again: there is nothing else.
        if name == LAST_RESORT {
            return;
        }
        self.failed_here.push(name);
        if had_delivered {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
        }
    }

    /// How long an encoder that has pictures may deliver nothing before it is taken for dead. The last resort gets more
    /// time: when it is slow the machine is busy, and starting it again would not help.
    pub(super) fn patience(name: &str) -> Duration {
        if name == LAST_RESORT { Duration::from_secs(10) } else { Duration::from_millis(500) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_not_used_again_and_the_last_resort_stays() {
        let mut encoders = Encoders::of(vec!["vah264enc", "openh264enc", LAST_RESORT]);
        let other_session = encoders.clone();
        assert_eq!(encoders.current(), "vah264enc");
        encoders.report_failure("vah264enc", true);
        assert_eq!((encoders.current(), other_session.current()), ("openh264enc", "openh264enc"));
        encoders.report_failure("openh264enc", false);
        assert_eq!(other_session.current(), "openh264enc");
        encoders.report_failure(LAST_RESORT, true);
        assert_eq!(encoders.current(), LAST_RESORT);
    }
}

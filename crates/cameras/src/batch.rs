//! Frames with times to samples with lengths.

use std::time::Duration;

use repcast_media::{AAC_FRAME_SAMPLES, Sample, Track, TrackId};

/// Ticks in a second of a camera's pictures, those of RTP (RFC 6184, 8.2.1): every camera's times are exact in it.
pub(crate) const VIDEO_TIMESCALE: u32 = 90_000;

/// How far sound may be from its time before its samples get longer or shorter: a hundredth of what people notice.
const DEAD_BAND: i64 = 5;
/// How far it may be, in milliseconds, before there is a gap, or some is left out.
const MAX_ERROR: i64 = 100;

/// The pictures of a fragment.
#[derive(Debug)]
pub(crate) struct VideoBatch {
    samples: Vec<Sample>,
    /// The picture whose length is not known.
    pending: Option<Sample>,
    usual_ticks: u32,
    /// The next picture is decoded here at the earliest.
    earliest: u64,
}

impl VideoBatch {
    pub(crate) fn new(usual_ticks: u32) -> Self {
        Self { samples: Vec::new(), pending: None, usual_ticks: usual_ticks.max(1), earliest: 0 }
    }

    pub(crate) fn push(&mut self, position: Duration, is_sync: bool, data: &[u8]) {
        let dts = ticks(position, VIDEO_TIMESCALE).max(self.earliest);
        self.earliest = dts + 1;
        self.end_pending(|pending| dts - pending.dts);
        let pts = i64::try_from(dts).unwrap_or(i64::MAX);
        self.pending = Some(Sample { track: TrackId::VIDEO, dts, pts, duration: 0, is_sync, data: data.to_vec() });
    }

    /// Ends the last picture without the next one. It lasts as long as one usually does.
    pub(crate) fn end(&mut self) {
        let usual = u64::from(self.usual_ticks);
        self.end_pending(|_| usual);
        self.earliest += usual - 1;
    }

    /// The pictures that are complete.
    pub(crate) fn take(&mut self) -> Vec<Sample> {
        std::mem::take(&mut self.samples)
    }

    /// The length of the pictures that are complete.
    pub(crate) fn length(&self) -> Duration {
        let ticks: u64 = self.samples.iter().map(|sample| u64::from(sample.duration)).sum();
        Duration::from_micros(ticks * 1_000_000 / u64::from(VIDEO_TIMESCALE))
    }

    fn end_pending(&mut self, length: impl FnOnce(&Sample) -> u64) {
        let Some(mut pending) = self.pending.take() else { return };
        pending.duration = u32::try_from(length(&pending)).unwrap_or(u32::MAX);
        self.samples.push(pending);
    }
}

/// The sound of a fragment: access units of a constant number of samples. A camera's clock, or its sound card, is a little wrong;
/// the units get one tick longer or shorter, about a thousandth, for as long as they are away from their time.
#[derive(Debug)]
pub(crate) struct AudioBatch {
    id: TrackId,
    timescale: u32,
    samples: Vec<Sample>,
    end: Option<u64>,
}

impl AudioBatch {
    pub(crate) fn new(track: &Track, end: Option<u64>) -> Self {
        Self { id: track.id, timescale: track.timescale, samples: Vec::new(), end }
    }

    pub(crate) fn push(&mut self, position: Duration, data: &[u8]) {
        let wanted = ticks(position, self.timescale);
        let millis = |ticks: i64| ticks * 1000 / i64::from(self.timescale.max(1));
        let signed = |ticks: u64| i64::try_from(ticks).unwrap_or(i64::MAX);
        let error = self.end.map(|end| millis(signed(wanted).saturating_sub(signed(end))));
        let (dts, duration) = match (self.end, error) {
            // Its time is over.
            (Some(_), Some(error)) if error < -MAX_ERROR => return,
            (Some(end), Some(error)) if error <= MAX_ERROR => {
                let correction = if error > DEAD_BAND {
                    1
                } else if error < -DEAD_BAND {
                    -1
                } else {
                    0
                };
                (end, AAC_FRAME_SAMPLES.saturating_add_signed(correction))
            }
            _ => (wanted, AAC_FRAME_SAMPLES),
        };
        self.end = Some(dts + u64::from(duration));
        self.samples.push(Sample {
            track: self.id,
            dts,
            pts: signed(dts),
            duration,
            is_sync: true,
            data: data.to_vec(),
        });
    }

    /// The sound so far, in runs without a gap.
    pub(crate) fn take(&mut self) -> Vec<Vec<Sample>> {
        let mut runs: Vec<Vec<Sample>> = Vec::new();
        for sample in std::mem::take(&mut self.samples) {
            let follows = |last: &Sample| last.dts + u64::from(last.duration) == sample.dts;
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(follows) => run.push(sample),
                _ => runs.push(vec![sample]),
            }
        }
        runs
    }
}

/// A time in ticks, to the nearest.
pub(crate) fn ticks(time: Duration, timescale: u32) -> u64 {
    let ticks = (time.as_nanos() * u128::from(timescale) + 500_000_000) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_media::AacConfig;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn lengths(samples: &[Sample]) -> Vec<(u64, u32)> {
        samples.iter().map(|sample| (sample.dts, sample.duration)).collect()
    }

    #[test]
    fn a_picture_lasts_until_the_next() {
        let mut batch = VideoBatch::new(3600);
        for at in [0, 40, 80, 200] {
            batch.push(millis(at), at == 0, &[]);
        }
        assert_eq!(batch.length(), millis(200));
        assert_eq!(lengths(&batch.take()), [(0, 3600), (3600, 3600), (7200, 10_800)]);
        batch.end();
        assert_eq!(lengths(&batch.take()), [(18_000, 3600)]);
        // Two that were taken at the same time follow each other, also after an end.
        batch.push(millis(210), true, &[]);
        batch.push(millis(210), false, &[]);
        batch.end();
        assert_eq!(lengths(&batch.take()), [(21_600, 1), (21_601, 3600)]);
    }

    #[test]
    fn sound_follows_its_times_without_a_gap() {
        let track = Track::aac(AacConfig { sample_rate: 48_000, channels: 1, audio_specific_config: Vec::new() });
        for ppm in [500.0, -500.0] {
            let mut batch = AudioBatch::new(&track, None);
            let mut worst = 0_f64;
            for unit in 0..84_375_u64 {
                let at = unit as f64 * 1024.0 / 48_000.0 * (1.0 + ppm / 1e6);
                batch.push(Duration::from_secs_f64(at), &[]);
                let dts = batch.samples.last().unwrap().dts as f64 / 48_000.0;
                worst = worst.max((dts - at).abs());
            }
            let runs = batch.take();
            assert_eq!((runs.len(), runs[0].len()), (1, 84_375), "{ppm}");
            assert!(worst < 0.010, "{ppm}: {worst}");
        }
    }

    #[test]
    fn sound_that_was_missing_is_a_gap_and_what_comes_again_is_left_out() {
        let track = Track::aac(AacConfig { sample_rate: 48_000, channels: 1, audio_specific_config: Vec::new() });
        let mut batch = AudioBatch::new(&track, None);
        for at in [0, 21, 5000, 5021, 21, 4800, 5043] {
            batch.push(millis(at), &[]);
        }
        let runs = batch.take();
        let starts: Vec<_> = runs.iter().map(|run| (run[0].dts, run.len())).collect();
        assert_eq!(starts, [(0, 2), (240_000, 3)]);
    }
}

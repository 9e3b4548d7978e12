//! A peak meter with hold, in decibels relative to full scale (dBFS). Its bars rise at once and fall by 20 dB in 1.7 s, as
//! those of IEC 60268-10, type I.

use std::time::{Duration, Instant};

use super::feed::{MixFeed, MixLevels};

/// The lowest level that a meter shows, in dBFS.
const FLOOR_DB: f32 = -60.0;

/// How fast a bar falls.
const FALL_DB_PER_SEC: f32 = 20.0 / 1.7;

/// How long the highest peak, and clipping, stay visible.
const HOLD: Duration = Duration::from_secs(2);

/// What a meter shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeterReading {
    /// The level of each channel, left and right, in dBFS from -60 on.
    pub level_db: [f32; 2],
    /// The highest peak of each channel in the last two seconds, in dBFS.
    pub held_db: [f32; 2],
    /// Whether the mix exceeded full scale before the limiter in the last two seconds.
    pub is_clipped: bool,
    /// Whether the reading changes although nothing more is heard.
    pub is_moving: bool,
}

impl MeterReading {
    /// The lowest level that is shown, in dBFS.
    pub const FLOOR_DB: f32 = FLOOR_DB;

    /// That of silence.
    pub const SILENT: Self =
        Self { level_db: [FLOOR_DB; 2], held_db: [FLOOR_DB; 2], is_clipped: false, is_moving: false };
}

/// Meters the mix of a feed.
#[derive(Default)]
pub struct LevelMeter {
    /// The mix and the sample up to which it was metered.
    next: Option<(u64, u64)>,
    updated_at: Option<Instant>,
    levels_db: [f32; 2],
    /// The highest peaks, and since when.
    held: [Option<(f32, Instant)>; 2],
    clipped_at: Option<Instant>,
}

impl LevelMeter {
    /// Meters what is heard from the last call until now.
    pub fn read(&mut self, feed: &MixFeed, now: Instant) -> MeterReading {
        let (levels, next) = feed.levels(self.next, now);
        self.next = next;
        self.update(levels, now)
    }

    /// Takes levels that are heard at a time.
    fn update(&mut self, levels: MixLevels, now: Instant) -> MeterReading {
        let elapsed = self.updated_at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f32());
        if self.updated_at.replace(now).is_none() {
            self.levels_db = [FLOOR_DB; 2];
        }
        let is_recent = |at: Instant| now.saturating_duration_since(at) < HOLD;
        for (channel, peak) in levels.peaks.into_iter().enumerate() {
            let peak_db = (20.0 * peak.log10()).max(FLOOR_DB);
            let fallen = (self.levels_db[channel] - FALL_DB_PER_SEC * elapsed).max(FLOOR_DB);
            self.levels_db[channel] = peak_db.max(fallen);
            let held = self.held[channel].filter(|(held_db, at)| is_recent(*at) && *held_db > peak_db);
            self.held[channel] = held.or((peak_db > FLOOR_DB).then_some((peak_db, now)));
        }
        self.clipped_at = levels.is_clipped.then_some(now).or(self.clipped_at.filter(|at| is_recent(*at)));
        let held_db = self.held.map(|held| held.map_or(FLOOR_DB, |(held_db, _)| held_db));
        let is_clipped = self.clipped_at.is_some();
        let is_moving = is_clipped || held_db.iter().chain(&self.levels_db).any(|level_db| *level_db > FLOOR_DB);
        MeterReading { level_db: self.levels_db, held_db, is_clipped, is_moving }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(left: f32, right: f32) -> MixLevels {
        MixLevels { peaks: [left, right], is_clipped: left > 1.0 || right > 1.0 }
    }

    #[test]
    fn bars_rise_at_once_and_fall_by_twenty_decibels_in_1_7_seconds() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut meter = LevelMeter::default();
        assert_eq!(meter.update(levels(0.0, 0.0), at(0)), MeterReading::SILENT);
        let loud = meter.update(levels(0.5, 0.1), at(100));
        assert!((loud.level_db[0] + 6.02).abs() < 0.01 && (loud.level_db[1] + 20.0).abs() < 0.01, "{loud:?}");
        let later = meter.update(levels(0.0, 0.0), at(1800));
        assert!((later.level_db[0] + 26.02).abs() < 0.01 && (later.held_db[0] + 6.02).abs() < 0.01, "{later:?}");
        // The peak is held for two seconds.
        let later = meter.update(levels(0.002, 0.0), at(2200));
        assert!((later.held_db[0] + 53.98).abs() < 0.01, "{later:?}");
        assert!(later.is_moving);
        assert_eq!(meter.update(levels(0.0, 0.0), at(60_000)), MeterReading::SILENT);
    }

    #[test]
    fn clipping_stays_visible_for_two_seconds() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut meter = LevelMeter::default();
        assert!(!meter.update(levels(1.0, 1.0), at(0)).is_clipped);
        assert!(meter.update(levels(0.2, 1.01), at(10)).is_clipped);
        assert!(meter.update(levels(0.2, 0.2), at(2000)).is_clipped);
        assert!(!meter.update(levels(0.2, 0.2), at(2011)).is_clipped);
    }
}

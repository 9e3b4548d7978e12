//! Test cases of clip timing: a clip with speed, trim and loop, and the source frame that each output frame must show.
//!
//! A second implementation of the definition, in exact fractions.

use std::fmt;

use serde_json::{Value, json};

use super::document::layer;
use super::numbered::{HEIGHT, Reading, WIDTH};
use super::ratio::Ratio;
use super::sources::Source;

const SPEEDS: [&str; 10] = ["0.1", "0.3", "0.5", "0.8", "1", "1.1", "1.2", "2", "3.7", "16"];

/// A clip layer, and what each output frame must show.
pub(crate) struct Case {
    source: Source,
    speed: &'static str,
    trim_in: Option<Ratio>,
    trim_out: Option<Ratio>,
    looping: bool,
    /// First output frame, and their number unless the layer ends with the clip.
    start: usize,
    duration: Option<usize>,
    /// Whether numbers are written as decimals if possible, instead of fractions.
    plain: bool,
}

impl Case {
    /// The `index`-th case of a series: the remainders cycle through the variants with different periods, which combines
    /// them in many ways.
    pub(crate) fn of_series(index: usize, source: &Source) -> Self {
        let (starts, end) = (&source.starts, source.end);
        let (trim_in, trim_out) = match index % 7 {
            0 => (None, None),
            1 => (Some(end / Ratio::from(4)), None),
            2 => (None, Some(starts[3])),
            3 => (Some(Ratio::parse("0.1237")), Some(Ratio::parse("0.4561"))),
            4 => (Some(starts[5]), Some(starts[11])),
            5 => (Some(end - Ratio::parse("0.1")), None),
            _ => (Some(Ratio::parse("0.2")), Some(Ratio::parse("0.21"))),
        };
        Self {
            source: source.clone(),
            speed: SPEEDS[index % SPEEDS.len()],
            trim_in,
            trim_out: trim_out.or(source.open_ended.then_some(end)),
            looping: (index / 3).is_multiple_of(2),
            start: [0, 0, 3, 7][index / 2 % 4],
            duration: (index % 5 == 3).then_some(30),
            plain: index.is_multiple_of(2),
        }
    }

    /// The definition: the `k`-th frame of the item shows the frame whose interval contains `in + (k / fps) * speed`,
    /// modulo `out - in` when looping.
    pub(crate) fn expected(&self, frame: usize, fps: Ratio) -> Reading {
        let Some(k) = frame.checked_sub(self.start) else { return Reading::Background };
        if self.duration.is_some_and(|duration| k >= duration) {
            return Reading::Background;
        }
        let trim_in = self.trim_in.unwrap_or(Ratio::from(0));
        let length = self.trim_out.unwrap_or(self.source.end) - trim_in;
        let run = Ratio::from(k as i128) / fps * Ratio::parse(self.speed);
        let rounds = (run / length).floor();
        if rounds > 0 && !self.looping {
            return Reading::Background;
        }
        Reading::Number(self.source.number_at(trim_in + run - length * Ratio::from(rounds)))
    }

    /// The layer in a document of this rate, with its corner at `(left, top)`.
    pub(crate) fn layer(&self, (left, top): (usize, usize), fps: Ratio) -> Value {
        let secs = |frames: usize| (Ratio::from(frames as i128) / fps).to_json(self.plain);
        let mut fields = json!({
            "start": secs(self.start),
            "speed": Ratio::parse(self.speed).to_json(self.plain),
            "loop": self.looping,
        });
        if let Some(duration) = self.duration {
            fields["duration"] = secs(duration);
        }
        for (name, time) in [("in", self.trim_in), ("out", self.trim_out)] {
            if let Some(time) = time {
                fields["trim"][name] = time.to_json(self.plain);
            }
        }
        layer("clip", &self.source.src, [left, top, WIDTH, HEIGHT], fields)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, speed, looping, start, duration, .. } = self;
        let time = |time: Option<Ratio>| time.map_or("-".to_owned(), |time| time.to_string());
        let (trim_in, trim_out) = (time(self.trim_in), time(self.trim_out));
        write!(formatter, "{} speed {speed} in {trim_in} out {trim_out} loop {looping} ", source.src)?;
        write!(formatter, "start {start} duration {duration:?}")
    }
}

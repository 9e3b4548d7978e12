//! The values of omitted fields. Enumerations derive theirs, and the JSON Schemas repeat all of them; a test compares.

use super::model::{Announcement, ClipAudio, CueSettings, CueStyle, Gain, Trim, VoiceSettings};
use crate::audio::{Ducking, Loudness, PitchMode};
use crate::color::Color;
use crate::geometry::Anchor;
use crate::time::{FrameRate, Rational};
use crate::validation::number::whole;

/// Playback speed of an exercise or a clip.
pub(crate) const SPEED: Rational = whole(1);
/// Rests, starts and fades, in seconds.
pub(super) const NO_SECONDS: Rational = whole(0);
/// Opacity of a layer.
pub(super) const OPACITY: Rational = whole(1);
/// Number of rounds of a workout.
pub(super) const ROUNDS: u32 = 1;
/// Seconds of the title of a workout, where one is asked for: enough to read it.
pub(super) const INTRO_SECS: Rational = whole(4);
/// Seconds to get ready, where they are asked for or a class starts.
pub(super) const GET_READY_SECS: Rational = whole(5);
/// Seconds of what was done, where it is asked for or a class ends.
pub(super) const OUTRO_SECS: Rational = whole(6);
/// Background of a canvas.
pub(super) const CANVAS_BACKGROUND: Color = Color::BLACK;
/// The part of a clip that is played: all of it.
pub(super) const TRIM: Trim = Trim { start: whole(0), end: None };
/// Corner radius of a clip or an image, in pixels.
pub(super) const RADIUS: Rational = whole(0);
/// Distance up to which pixels are transparent by a chroma key.
pub(super) const KEY_SIMILARITY: Rational = Rational::new_raw(2, 5);
/// Distance in which they become opaque.
pub(super) const KEY_SMOOTHNESS: Rational = Rational::new_raw(2, 25);
/// How much of a chroma key's hue is removed from what stays.
pub(super) const KEY_SPILL: Rational = Rational::new_raw(1, 2);
/// Font size, in pixels.
pub(super) const FONT_SIZE: Rational = whole(48);
/// Font weight.
pub(super) const FONT_WEIGHT: u16 = 600;
/// Color of text.
pub(super) const TEXT_COLOR: Color = Color::WHITE;
/// Position of text, in pixels.
pub(super) const TEXT_POSITION: [Rational; 2] = [whole(0); 2];
/// Color of the completed part of a progress bar.
pub(super) const PROGRESS_COLOR: Color = Color::rgb(0x22, 0xc5, 0x5e);
/// Color of the remaining part of a progress bar.
pub(super) const PROGRESS_TRACK: Color = Color::WHITE.with_alpha(0x40);
/// Corner radius of a progress bar, in pixels.
pub(super) const PROGRESS_RADIUS: Rational = whole(0);

/// Color of the box behind burnt-in subtitles: black, through which the picture is seen a little.
pub(super) const SUBTITLES_BOX: Color = Color::BLACK.with_alpha(0xb3);
/// Point of burnt-in subtitles that lies at their position.
pub(super) const SUBTITLES_ANCHOR: Anchor = Anchor::Bottom;

/// Gain of a sound.
pub(super) const GAIN: Gain = Gain(Some(whole(0)));
/// Gain of a tone: the alignment level of EBU R 68, far below full scale.
pub(super) const TONE_GAIN: Gain = Gain(Some(whole(-18)));
/// Position of a sound: the middle.
pub(super) const PAN: Rational = whole(0);
/// Frequency of a tone, in hertz.
pub(super) const FREQUENCY: Rational = whole(440);
/// Language of a speech or subtitles layer, and of a catalogue.
pub(crate) const LANGUAGE: &str = "en";
/// Fade of music at its end, in seconds.
pub(super) const MUSIC_FADE_OUT: Rational = whole(2);
/// Seconds that are counted down.
pub(super) const COUNTDOWN: u32 = 3;
/// Speed of a voice.
pub(super) const VOICE_RATE: Rational = whole(1);
/// Loudness of a mix, where one is asked for.
pub(super) const LOUDNESS: Loudness = Loudness { target: whole(-16), true_peak: whole(-1) };
/// Ducking, where it is asked for.
pub(super) const DUCKING: Ducking = Ducking {
    depth: whole(12),
    attack: Rational::new_raw(1, 5),
    hold: Rational::new_raw(1, 2),
    release: Rational::new_raw(3, 5),
};
/// Audio of a clip layer.
pub(super) const CLIP_AUDIO: ClipAudio =
    ClipAudio { mute: false, gain: GAIN, pan: PAN, pitch: PitchMode::Keep, fade_in: None, fade_out: None };
/// Signals of a workout.
pub(super) const CUES: CueSettings = CueSettings {
    style: CueStyle::Beeps,
    countdown: COUNTDOWN,
    start: true,
    halfway: false,
    end: true,
    remind_every: None,
    gain: GAIN,
};

/// Everything that can be announced.
pub(super) fn announcements() -> Vec<Announcement> {
    use Announcement::{Done, Exercise, Halfway, Next, Rest};
    vec![Exercise, Next, Rest, Halfway, Done]
}

/// Voice of a workout.
pub(super) fn voice() -> VoiceSettings {
    VoiceSettings { speaker: None, announce: announcements(), rate: VOICE_RATE }
}

/// Frames per second of a workout or a canvas.
pub(super) fn frame_rate() -> Option<FrameRate> {
    FrameRate::new(30, 1)
}

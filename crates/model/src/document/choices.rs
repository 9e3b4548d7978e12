//! The names of the values that documents choose from.

use super::model::{
    Announcement, ClipLayout, CueStyle, Format, Intensity, Language, Resolution, ThemePreset, TimerFormat, TimerLook,
    TimerMode,
};
use crate::audio::{AudioRole, PitchMode, Wave};
use crate::clip::AlphaMode;
use crate::geometry::{Anchor, Fit};
use crate::validation::choice::Choice;

impl Choice for Intensity {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("facile", Self::Easy),
        ("moyen", Self::Medium),
        ("intense", Self::Intense),
        ("easy", Self::Easy),
        ("medium", Self::Medium),
    ];
}

impl Choice for Language {
    const NAMES: &'static [(&'static str, Self)] = &[("en", Self::En), ("fr", Self::Fr)];
}

impl Choice for Format {
    const NAMES: &'static [(&'static str, Self)] =
        &[("16:9", Self::Landscape), ("9:16", Self::Portrait), ("1:1", Self::Square)];
}

impl Choice for Resolution {
    const NAMES: &'static [(&'static str, Self)] =
        &[("720p", Self::P720), ("1080p", Self::P1080), ("1440p", Self::P1440), ("2160p", Self::P2160)];
}

impl Choice for ThemePreset {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("midnight", Self::Midnight),
        ("daylight", Self::Daylight),
        ("ocean", Self::Ocean),
        ("ember", Self::Ember),
        ("forest", Self::Forest),
        ("berry", Self::Berry),
        ("contrast", Self::Contrast),
    ];
}

impl Choice for TimerLook {
    const NAMES: &'static [(&'static str, Self)] = &[("clock", Self::Clock), ("ring", Self::Ring)];
}

impl Choice for ClipLayout {
    const NAMES: &'static [(&'static str, Self)] = &[("figure", Self::Figure), ("full", Self::Full)];
}

impl Choice for TimerMode {
    const NAMES: &'static [(&'static str, Self)] =
        &[("elapsed", Self::Elapsed), ("countdown", Self::Countdown), ("clock", Self::Clock)];
}

impl Choice for TimerFormat {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("ss", Self::Seconds),
        ("mm:ss", Self::MinutesSeconds),
        ("m:ss", Self::Shortest),
        ("hh:mm:ss", Self::HoursMinutesSeconds),
        ("mm:ss.t", Self::Tenths),
    ];
}

impl Choice for Fit {
    const NAMES: &'static [(&'static str, Self)] =
        &[("contain", Self::Contain), ("cover", Self::Cover), ("fill", Self::Fill), ("none", Self::None)];
}

impl Choice for Anchor {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("top-left", Self::TopLeft),
        ("top", Self::Top),
        ("top-right", Self::TopRight),
        ("left", Self::Left),
        ("center", Self::Center),
        ("right", Self::Right),
        ("bottom-left", Self::BottomLeft),
        ("bottom", Self::Bottom),
        ("bottom-right", Self::BottomRight),
    ];
}

impl Choice for AlphaMode {
    const NAMES: &'static [(&'static str, Self)] =
        &[("straight", Self::Straight), ("premultiplied", Self::Premultiplied)];
}

impl Choice for AudioRole {
    const NAMES: &'static [(&'static str, Self)] =
        &[("music", Self::Music), ("voice", Self::Voice), ("effect", Self::Effect)];
}

impl Choice for PitchMode {
    const NAMES: &'static [(&'static str, Self)] = &[("keep", Self::Keep), ("follow", Self::Follow)];
}

impl Choice for Wave {
    const NAMES: &'static [(&'static str, Self)] =
        &[("sine", Self::Sine), ("triangle", Self::Triangle), ("square", Self::Square)];
}

impl Choice for CueStyle {
    const NAMES: &'static [(&'static str, Self)] =
        &[("beeps", Self::Beeps), ("voice", Self::Voice), ("both", Self::Both), ("off", Self::Off)];
}

impl Choice for Announcement {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("exercise", Self::Exercise),
        ("next", Self::Next),
        ("rest", Self::Rest),
        ("halfway", Self::Halfway),
        ("done", Self::Done),
    ];
}

/// The types of layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LayerType {
    Image,
    Clip,
    Text,
    Timer,
    Progress,
    Audio,
    Tone,
    Speech,
    Subtitles,
}

impl LayerType {
    /// Whether layers of this type are heard and not drawn.
    pub(super) const fn is_sound(self) -> bool {
        matches!(self, Self::Audio | Self::Tone | Self::Speech)
    }
}

impl Choice for LayerType {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("image", Self::Image),
        ("clip", Self::Clip),
        ("text", Self::Text),
        ("timer", Self::Timer),
        ("progress", Self::Progress),
        ("audio", Self::Audio),
        ("tone", Self::Tone),
        ("speech", Self::Speech),
        ("subtitles", Self::Subtitles),
    ];
}

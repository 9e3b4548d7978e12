//! Values that documents choose by name. One table serves the reader and the schema.

use schemars::{Schema, json_schema};
use serde_json::json;

use super::model::{Format, Intensity, Language, Resolution, TimerFormat, TimerMode};
use super::reader::Node;
use super::schema::merge;
use super::value::Kind;
use crate::geometry::{Anchor, Fit};
use crate::clip::AlphaMode;

/// A type whose values have names in documents.
pub(crate) trait Choice: Copy + 'static {
    /// Every name, and what it stands for.
    const NAMES: &'static [(&'static str, Self)];
}

/// Reads the value that a name stands for.
pub(crate) fn choice<T: Choice>(node: &Node<'_>) -> Option<T> {
    let wanted = || {
        let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
        format!("one of {}", names.join(", "))
    };
    let Kind::Text(text) = node.kind() else { return node.wrong_type(&wanted()) };
    let chosen = T::NAMES.iter().find(|(name, _)| name == text);
    chosen.map_or_else(|| node.fault(format!("must be {}", wanted())), |(_, value)| Some(*value))
}

/// Tells the names to the schema.
pub(crate) fn choices<T: Choice>(schema: &mut Schema) {
    let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
    merge(schema, json_schema!({ "type": "string", "enum": json!(names) }));
}

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

impl Choice for TimerMode {
    const NAMES: &'static [(&'static str, Self)] =
        &[("elapsed", Self::Elapsed), ("countdown", Self::Countdown), ("clock", Self::Clock)];
}

impl Choice for TimerFormat {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("ss", Self::Seconds),
        ("mm:ss", Self::MinutesSeconds),
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

//! Reads a composition.

use super::choice::{Choice, choice};
use super::model::{
    Canvas, ClipLayer, Composition, ImageLayer, Layer, LayerContent, ProgressLayer, TextLayer, TextStyle, TimerFormat,
    TimerLayer, TimerMode, Trim,
};
use super::number::{integer, number, numbers, whole};
use super::reader::{Fields, Node};
use super::rules::{
    CANVAS_SIDE, DURATION, ENTRIES, EXTENT, FONT_SIZE, OPACITY, POSITION, RADIUS, RECT, SECONDS, SPEED, SRC, TEXT,
    WEIGHT, boolean, canvas_rate, color, default_rate,
};
use super::text::text;
use crate::color::Color;
use crate::geometry::{Anchor, Fit};
use crate::clip::AlphaMode;
use crate::time::{Rational, to_f64};

pub(super) fn composition(node: &Node<'_>) -> Option<Composition> {
    let mut fields = node.fields()?;
    let canvas = fields.required("canvas", canvas);
    let duration = fields.required("duration", number(DURATION));
    let layers = fields.required("layers", |node| node.list(ENTRIES, |node| layer(node, duration)));
    fields.refuse_others();
    Some(Composition { canvas: canvas?, duration: duration?, layers: layers? })
}

fn canvas(node: &Node<'_>) -> Option<Canvas> {
    let mut fields = node.fields()?;
    let width = fields.required("width", integer(CANVAS_SIDE));
    let height = fields.required("height", integer(CANVAS_SIDE));
    let fps = fields.optional("fps", canvas_rate).or_else(default_rate);
    let background = fields.or("background", Color::BLACK, color);
    fields.refuse_others();
    Some(Canvas { width: width?, height: height?, fps: fps?, background })
}

/// The kinds of layer, as documents name them.
#[derive(Clone, Copy)]
enum LayerKind {
    Image,
    Clip,
    Text,
    Timer,
    Progress,
}

impl Choice for LayerKind {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("image", Self::Image),
        ("clip", Self::Clip),
        ("text", Self::Text),
        ("timer", Self::Timer),
        ("progress", Self::Progress),
    ];
}

/// Reads a layer of a composition that ends at `end`, where that is known.
fn layer(node: &Node<'_>, end: Option<Rational>) -> Option<Layer> {
    let mut fields = node.fields()?;
    let kind = fields.required("type", choice);
    let start = |node: &Node<'_>| match (number(SECONDS)(node)?, end) {
        (start, Some(end)) if start >= end => {
            node.fault(format!("must be before the composition's end at {} s", to_f64(end)))
        }
        (start, _) => Some(start),
    };
    let start = fields.or("start", whole(0), start);
    let duration = fields.optional("duration", number(DURATION));
    let opacity = fields.or("opacity", whole(1), number(OPACITY));
    let fade_in = fields.or("fade_in", whole(0), number(SECONDS));
    let fade_out = fields.or("fade_out", whole(0), number(SECONDS));
    // Which other fields a layer has depends on its kind; without one they are neither read nor refused.
    let content = match kind? {
        LayerKind::Image => image(&mut fields).map(LayerContent::Image),
        LayerKind::Clip => clip(&mut fields).map(LayerContent::Clip),
        LayerKind::Text => words(&mut fields).map(LayerContent::Text),
        LayerKind::Timer => Some(LayerContent::Timer(timer(&mut fields))),
        LayerKind::Progress => progress(&mut fields).map(LayerContent::Progress),
    };
    fields.refuse_others();
    Some(Layer { start, duration, opacity, fade_in, fade_out, content: content? })
}

fn image(fields: &mut Fields<'_>) -> Option<ImageLayer> {
    let src = fields.required("src", text(SRC));
    let rect = fields.optional("rect", numbers(RECT));
    let fit = fields.or("fit", Fit::default(), choice);
    Some(ImageLayer { src: src?, rect, fit })
}

fn clip(fields: &mut Fields<'_>) -> Option<ClipLayer> {
    let src = fields.required("src", text(SRC));
    let rect = fields.optional("rect", numbers(RECT));
    let fit = fields.or("fit", Fit::default(), choice);
    let alpha = fields.or("alpha", AlphaMode::default(), choice);
    let trim = fields.or("trim", Trim { start: whole(0), end: None }, trim);
    let speed = fields.or("speed", whole(1), number(SPEED));
    let looping = fields.or("loop", false, boolean);
    Some(ClipLayer { src: src?, rect, fit, alpha, trim, speed, looping })
}

fn trim(node: &Node<'_>) -> Option<Trim> {
    let mut fields = node.fields()?;
    let start = fields.or("in", whole(0), number(SECONDS));
    let end = |node: &Node<'_>| match number(DURATION)(node)? {
        end if end <= start => node.fault(format!("must be above `in`, which is {}", to_f64(start))),
        end => Some(end),
    };
    let end = fields.optional("out", end);
    fields.refuse_others();
    Some(Trim { start, end })
}

fn words(fields: &mut Fields<'_>) -> Option<TextLayer> {
    let text = fields.required("text", text(TEXT));
    let style = style(fields);
    Some(TextLayer { text: text?, style })
}

fn timer(fields: &mut Fields<'_>) -> TimerLayer {
    TimerLayer {
        mode: fields.or("mode", TimerMode::default(), choice),
        format: fields.or("format", TimerFormat::default(), choice),
        style: style(fields),
    }
}

fn style(fields: &mut Fields<'_>) -> TextStyle {
    TextStyle {
        size: fields.or("size", whole(48), number(FONT_SIZE)),
        weight: fields.or("weight", 600, integer(WEIGHT)),
        color: fields.or("color", Color::WHITE, color),
        position: fields.or("position", [whole(0); 2], numbers(POSITION)),
        anchor: fields.or("anchor", Anchor::default(), choice),
        box_color: fields.optional("box", color),
        outline: fields.optional("outline", color),
        max_width: fields.optional("max_width", number(EXTENT)),
    }
}

fn progress(fields: &mut Fields<'_>) -> Option<ProgressLayer> {
    let rect = fields.required("rect", numbers(RECT));
    let bar = fields.or("color", Color::rgb(0x22, 0xc5, 0x5e), color);
    let track = fields.or("track", Color::WHITE.with_alpha(0x40), color);
    let radius = fields.or("radius", whole(0), number(RADIUS));
    Some(ProgressLayer { rect: rect?, color: bar, track, radius })
}

//! Compiles a composition to a timeline, layer by layer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::item::{ClipItem, Item, ItemContent, Span, TimerItem};
use super::layer_time::{clip_time, composition_frames, layer_span};
use super::plan::{Backing, TextStyle};
use super::{Chapter, ClipInfos, Timeline, at_its_start};
use crate::audio::SAMPLE_RATE;
use crate::captions::{burnt_cues, check_subtitles};
use crate::clip::ClipInfo;
use crate::document::{
    self, ClipLayer, Composition, ImageLayer, Layer, LayerContent, LayerTextStyle, ProgressLayer, SubtitlesLayer,
    SubtitlesStyle, TextLayer, TimerLayer, ValidationFault, framing,
};
use crate::geometry::{Framing, Placement, Rect, Size};
use crate::time::{Rational, to_f64};

/// Margin between text and the edge of the canvas, as a fraction of the shorter side.
const TEXT_MARGIN: f32 = 0.02;

/// Distance of subtitles from the lower edge of the canvas, in percent of its shorter side: the title-safe area of EBU R 95.
const SUBTITLES_MARGIN_PERCENT: i128 = 5;

/// The smallest font, in pixels, as for other texts.
const MIN_FONT_SIZE: Rational = Rational::new_raw(4, 1);

/// The files of a composition, each with the path of the field that refers to it. They are relative to `base`.
#[must_use]
pub fn composition_files(composition: &Composition, base: &Path) -> Vec<(String, PathBuf)> {
    let sources = composition.layers.iter().enumerate().filter_map(|(index, layer)| {
        let src = match &layer.content {
            LayerContent::Clip(ClipLayer { src, .. }) | LayerContent::Image(ImageLayer { src, .. }) => src,
            _ => return None,
        };
        Some((format!("layers[{index}].src"), base.join(src)))
    });
    sources.collect()
}

/// Compiles a composition whose files have been probed. Layers whose file is missing from `infos` are skipped: the caller
/// has reported the file already, and the faults of the other layers are found too.
///
/// # Errors
/// All faults that depend on the files or the frame grid: a trim after the clip's end, a layer shorter than a frame.
pub fn compile_composition(
    composition: &Composition,
    base: &Path,
    infos: &ClipInfos,
) -> Result<Timeline, Vec<ValidationFault>> {
    let document::Canvas { width, height, fps, background } = composition.canvas;
    let mut compiler = Compiler {
        composition,
        base,
        infos,
        canvas: Size { width, height },
        frames: composition_frames(composition),
        items: Vec::new(),
        faults: check_subtitles(composition, |subtitles| subtitles_size(subtitles, Size { width, height })),
    };
    for (index, layer) in composition.layers.iter().enumerate() {
        compiler.layer(index, layer);
    }
    let Compiler { canvas, frames, items, faults, .. } = compiler;
    if !faults.is_empty() {
        return Err(faults);
    }
    let chapters = chapters(&items, frames);
    let timeline = Timeline::new(canvas, fps, background, frames, String::new(), items);
    timeline.map(|timeline| timeline.with_chapters(chapters)).map_err(|fault| vec![fault])
}

/// The chapters of a composition: one starts wherever a clip does, and is named after its file.
fn chapters(items: &[Item], frames: u64) -> Vec<Chapter> {
    let named = items.iter().filter_map(|item| match &item.content {
        ItemContent::Clip(clip) if item.span.start < item.span.end.min(frames) => {
            Some((item.span.start, clip.path.file_stem()?.to_string_lossy().into_owned()))
        }
        _ => None,
    });
    let mut starts: Vec<(u64, String)> = named.collect();
    starts.sort_by_key(|(start, _)| *start);
    starts.dedup_by_key(|(start, _)| *start);
    let ends: Vec<u64> = starts.iter().skip(1).map(|(start, _)| *start).chain([frames]).collect();
    let chapter = |((start, name), end)| Chapter::of_clip(Span { start, end }, name);
    starts.into_iter().zip(ends).map(chapter).collect()
}

struct Compiler<'a> {
    composition: &'a Composition,
    base: &'a Path,
    infos: &'a ClipInfos,
    canvas: Size,
    frames: u64,
    items: Vec<Item>,
    faults: Vec<ValidationFault>,
}

impl Compiler<'_> {
    fn layer(&mut self, index: usize, layer: &Layer) {
        let span = layer_span(self.composition, layer);
        if span.is_empty() {
            self.fault(index, "duration", "is shorter than a frame".to_owned());
            return;
        }
        let full = self.canvas_rect();
        match &layer.content {
            LayerContent::Image(ImageLayer { src, rect, fit, crop, focus, radius }) => {
                let path: Arc<Path> = self.base.join(src).into();
                let Some(info) = self.infos.get(&*path).cloned() else { return };
                if !info.is_picture {
                    self.fault(index, "src", format!("{src} is a video; show it by a layer of type `clip`"));
                    return;
                }
                let framing = framing(*fit, *crop, *focus, to_f64(*radius) as f32);
                let placement = place(info, rect.map_or(full, to_rect), framing);
                self.push(layer, span, ItemContent::Image { path, placement });
            }
            LayerContent::Clip(clip) => self.clip(index, layer, clip),
            LayerContent::Text(TextLayer { text, style: given }) => {
                let style = self.text_style(given, false);
                // Without `max_width` the box is as wide as the text.
                let style = if given.max_width.is_some() { at_its_start(text, style) } else { style };
                self.push(layer, span, ItemContent::Text { text: text.as_str().into(), style: style.into() });
            }
            LayerContent::Timer(TimerLayer { mode, format, style }) => {
                let style = Arc::new(self.text_style(style, true));
                self.push(
                    layer,
                    span,
                    ItemContent::Timer(TimerItem {
                        mode: *mode,
                        format: *format,
                        affixes: Default::default(),
                        counted: span,
                        style,
                    }),
                );
            }
            LayerContent::Progress(ProgressLayer { rect, color, track, radius }) => {
                let (rect, radius) = (to_rect(*rect), to_f64(*radius) as f32);
                if track.alpha > 0 {
                    self.push(layer, span, ItemContent::Shape { rect, radius, color: *track });
                }
                self.push(layer, span, ItemContent::Progress { rect, radius, color: *color, counted: span });
            }
            LayerContent::Subtitles(subtitles) if subtitles.burn => self.subtitles(layer, subtitles),
            // These are a track, see `captions::compile_captions`.
            LayerContent::Subtitles(_) => {}
            // These are heard, see `audio::compile_composition_soundtrack`.
            LayerContent::Audio(_) | LayerContent::Tone(_) | LayerContent::Speech(_) => {}
        }
    }

    fn clip(&mut self, index: usize, layer: &Layer, clip: &ClipLayer) {
        let path: Arc<Path> = self.base.join(&clip.src).into();
        let Some(info) = self.infos.get(&*path).cloned() else { return };
        let (span, clock) = match clip_time(self.composition, layer, clip, &info) {
            Ok(time) => time,
            Err((field, message)) => return self.fault(index, field, message),
        };
        let framing = framing(clip.fit, clip.crop, clip.focus, to_f64(clip.radius) as f32);
        let placement = place(info, clip.rect.map_or(self.canvas_rect(), to_rect), framing);
        let (alpha, key) = (clip.alpha, clip.chroma_key);
        self.push(layer, span, ItemContent::Clip(Box::new(ClipItem { path, alpha, key, placement, clock })));
    }

    /// The texts of subtitles one after the other; each fades as the layer states.
    fn subtitles(&mut self, layer: &Layer, subtitles: &SubtitlesLayer) {
        let rate = self.composition.canvas.fps;
        let style = Arc::new(self.text_style(&self.subtitles_style(subtitles), false));
        for run in burnt_cues(self.composition, layer, subtitles).runs() {
            let frame = |sample: u64| rate.boundary_at(Rational::new(i128::from(sample), i128::from(SAMPLE_RATE)));
            let span = Span { start: frame(run.span.start), end: frame(run.span.end).min(self.frames) };
            // A text that is shorter than half a frame is not seen.
            if !span.is_empty() {
                self.push(layer, span, ItemContent::Text { text: run.text.clone(), style: style.clone() });
            }
        }
    }

    /// The style of subtitles as that of a text.
    fn subtitles_style(&self, subtitles: &SubtitlesLayer) -> LayerTextStyle {
        let SubtitlesStyle { weight, color, position, anchor, box_color, outline, max_width, .. } = subtitles.style;
        let Size { width, height } = self.canvas;
        let (width, height) = (i128::from(width), i128::from(height));
        let size = subtitles_size(subtitles, self.canvas);
        let below = height - width.min(height) * SUBTITLES_MARGIN_PERCENT / 100;
        let position = position.unwrap_or([Rational::new(width, 2), Rational::from_integer(below)]);
        let max_width = max_width.or(Some(Rational::new(width * 9, 10)));
        LayerTextStyle { size, weight, color, position, anchor, box_color: Some(box_color), outline, max_width }
    }

    fn push(&mut self, layer: &Layer, span: Span, content: ItemContent) {
        let Layer { opacity, fade_in, fade_out, .. } = layer;
        let (opacity, fade_in, fade_out) = (*opacity, *fade_in, *fade_out);
        self.items.push(Item { opacity, fade_in, fade_out, ..Item::new(span, content) });
    }

    fn fault(&mut self, index: usize, field: &str, message: String) {
        self.faults.push(ValidationFault { place: format!("layers[{index}].{field}"), message });
    }

    fn canvas_rect(&self) -> Rect {
        Rect::new(0.0, 0.0, self.canvas.width as f32, self.canvas.height as f32)
    }

    /// The style of a text. Without `max_width` it extends to the margin of the canvas on its side of the anchor.
    fn text_style(&self, style: &LayerTextStyle, tabular: bool) -> TextStyle {
        let (width, height) = (self.canvas.width as f32, self.canvas.height as f32);
        let [x, y] = style.position.map(|number| to_f64(number) as f32);
        let margin = width.min(height) * TEXT_MARGIN;
        let size = to_f64(style.size) as f32;
        let available = |at: f32, extent: f32, fraction: f32| {
            let available = if fraction == 0.0 {
                extent - at
            } else if fraction == 1.0 {
                at
            } else {
                2.0 * at.min(extent - at)
            };
            (available - margin).max(size)
        };
        let (across, down) = style.anchor.fraction();
        let max_width = style.max_width.map_or(available(x, width, across), |width| to_f64(width) as f32);
        let max_lines = (available(y, height, down) / (size * 1.2)).floor().clamp(1.0, 1000.0) as u16;
        let backing = style.box_color.map(|color| Backing {
            color,
            padding_x: size * 0.4,
            padding_y: size * 0.2,
            radius: size * 0.25,
        });
        TextStyle {
            size,
            min_size: (size * 0.4).max(4.0),
            weight: style.weight,
            color: style.color,
            position: (x, y),
            anchor: style.anchor,
            max_width,
            max_lines,
            backing,
            outline: style.outline,
            tabular,
            font: None,
        }
    }
}

/// The font size of subtitles: that of the layer, else a twentieth of the canvas's shorter side, as broadcasters use.
fn subtitles_size(subtitles: &SubtitlesLayer, canvas: Size) -> Rational {
    let usual = Rational::new(i128::from(canvas.width.min(canvas.height)), 20);
    subtitles.style.size.unwrap_or(usual.max(MIN_FONT_SIZE))
}

fn to_rect(numbers: [Rational; 4]) -> Rect {
    let [x, y, width, height] = numbers.map(|number| to_f64(number) as f32);
    Rect::new(x, y, width, height)
}

/// The placement of a clip in a rectangle.
pub(crate) fn place(info: ClipInfo, rect: Rect, framing: impl Into<Framing>) -> Placement {
    Placement::new(info.size, to_f64(info.pixel_aspect), info.orientation, rect, framing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::timeline::{Draw, PlannedLayer};

    /// Compiles layers on a canvas with ten frames per second; `clip.mov` lasts 2 s and `still.png` is an image.
    fn compiled(duration: u32, layers: &str) -> Result<Timeline, Vec<ValidationFault>> {
        let json = format!(
            r#"{{"canvas": {{"width": 64, "height": 64, "fps": 10}}, "duration": {duration}, "layers": [{layers}]}}"#
        );
        let Ok(Document::Composition(composition)) = document::parse(json.as_bytes()) else { panic!("{json}") };
        let infos = [("clip.mov", false), ("still.png", true)]
            .map(|(name, still)| (PathBuf::from(name), ClipInfo::of_test(still)));
        compile_composition(&composition, Path::new(""), &ClipInfos::from(infos))
    }

    fn opacities(timeline: &Timeline) -> Vec<u16> {
        (0..timeline.frames).map(|frame| timeline.plan(frame).layers.first().map_or(0, |layer| layer.opacity)).collect()
    }

    #[test]
    fn a_clip_that_does_not_loop_ends() {
        let timeline = compiled(2, r#"{"type": "clip", "src": "clip.mov", "start": 0.5, "speed": 4}"#).unwrap();
        let visible: Vec<bool> = (0..20).map(|frame| !timeline.plan(frame).layers.is_empty()).collect();
        assert_eq!(visible.iter().position(|visible| *visible), Some(5));
        assert_eq!(visible.iter().filter(|visible| **visible).count(), 5);
    }

    #[test]
    fn fades_are_exact_and_planned_layers_are_visible() {
        let layer = r#"{"type": "image", "src": "still.png", "opacity": 0.5, "fade_in": 0.4, "fade_out": 0.2}"#;
        let opacities = opacities(&compiled(1, layer).unwrap());
        let half = f64::from(PlannedLayer::OPAQUE) / 2.0;
        let expected = [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5].map(|part| (part * half).round() as u16);
        assert_eq!(opacities, expected);
    }

    #[test]
    fn timers_round_towards_their_start() {
        let texts = |mode: &str| -> Vec<String> {
            let layer = format!(r#"{{"type": "timer", "mode": "{mode}", "start": 1, "duration": 2, "format": "ss"}}"#);
            let timeline = compiled(4, &layer).unwrap();
            let text = |frame| match &timeline.plan(frame).layers[0].draw {
                Draw::Text { text, .. } => text.to_string(),
                other => panic!("{other:?}"),
            };
            [10, 19, 20, 29].map(text).to_vec()
        };
        assert_eq!(texts("elapsed"), ["0", "0", "1", "1"]);
        assert_eq!(texts("countdown"), ["2", "2", "1", "1"]);
        assert_eq!(texts("clock"), ["1", "1", "2", "2"]);
    }

    #[test]
    fn faults_that_depend_on_files_name_their_path() {
        let cases = [
            (r#"{"type": "clip", "src": "clip.mov", "trim": {"in": 2}}"#, "layers[0].trim.in"),
            (r#"{"type": "clip", "src": "clip.mov", "trim": {"out": 2.5}}"#, "layers[0].trim.out"),
            (r#"{"type": "image", "src": "clip.mov"}"#, "layers[0].src"),
            (r#"{"type": "text", "text": "x", "duration": 0.04}"#, "layers[0].duration"),
        ];
        for (layer, place) in cases {
            assert_eq!(compiled(2, layer).unwrap_err()[0].place, place, "{layer}");
        }
        let many = vec![r#"{"type": "clip", "src": "clip.mov", "loop": true}"#; 33].join(",");
        assert_eq!(
            compiled(2, &many).unwrap_err()[0].to_string(),
            "layers: at 0.00 s, 33 clips are seen at once; at most 32 can be"
        );
    }

    #[test]
    fn texts_that_are_seen_at_once_are_bounded() {
        let text = |start: u32| {
            format!(
                r#"{{"type": "text", "text": "GO", "size": 2000, "max_width": 3000, "start": {start}, "duration": 1}}"#
            )
        };
        let texts = |starts: &[u32]| starts.iter().map(|start| text(*start)).collect::<Vec<_>>().join(",");
        assert!(compiled(30, &texts(&(0..30).collect::<Vec<_>>())).is_ok(), "one after the other");
        let fault = compiled(30, &texts(&[3; 30])).unwrap_err().remove(0).to_string();
        assert!(fault.starts_with("layers: at 3.00 s, texts of 187 million pixels are seen at once"), "{fault}");
    }
}

//! The clip of an exercise on the canvas.

use super::Theme;
use crate::clip::ClipInfo;
use crate::document::{ClipLayout, ClipLook};
use crate::geometry::{Fit, Placement, Rect};
use crate::timeline::{Item, ItemContent, Span, place};

impl Theme<'_> {
    /// The place of a clip: the rectangle of figures, or the whole canvas.
    pub(super) fn figure_placement(&self, look: &ClipLook, info: &ClipInfo, figure: Rect) -> Placement {
        let whole = Rect::new(0.0, 0.0, self.canvas.width as f32, self.canvas.height as f32);
        let (rect, fit) = match look.layout {
            Some(ClipLayout::Full) => (whole, Fit::Cover),
            Some(ClipLayout::Figure) | None => (figure, Fit::Contain),
        };
        place(info.clone(), rect, look.framing(fit, self.layout.unit))
    }

    /// What is drawn over a clip on the whole canvas and below the texts, which are legible on it whatever the clip shows: the
    /// panels of the screen, of which the clip hides those below it.
    pub(super) fn scrims(&self, look: &ClipLook, span: Span, panels: &[Rect]) -> Vec<Item> {
        if look.layout != Some(ClipLayout::Full) {
            return Vec::new();
        }
        let (radius, color) = (self.corner_radius(), self.colors.strong_panel);
        panels.iter().map(|rect| Item::new(span, ItemContent::Shape { rect: *rect, radius, color })).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::color::Color;
    use crate::document::{self, Document};
    use crate::timeline::{ClipInfos, Timeline};
    use crate::workout::compile_workout;

    /// The color of panels over a clip in the default theme.
    const SCRIM: Color = Color::rgb(0x10, 0x18, 0x28).with_alpha(0xe6);

    fn compiled(exercise: &str) -> Timeline {
        let json = format!(r#"{{"format": "9:16", "resolution": "720p", "exercises": [{{"id": "a"{exercise}}}]}}"#);
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
        let catalogue = "[[exercise]]\nid = 'a'\nname = 'A'\nclip = 'a'\ncorner_radius = 30";
        let catalogue = Catalogue::parse(catalogue, Path::new("")).unwrap();
        let infos = ClipInfos::from([(Path::new("a").to_owned(), ClipInfo::of_test(false))]);
        compile_workout(&workout, &catalogue, Path::new(""), &infos).unwrap()
    }

    /// The placement of the clip, and the index of its item.
    fn clip(timeline: &Timeline) -> (Placement, usize) {
        let items = timeline.items().iter().enumerate();
        let mut clips = items.filter_map(|(index, item)| match &item.content {
            ItemContent::Clip(clip) => Some((clip.placement, index)),
            _ => None,
        });
        clips.next().unwrap()
    }

    #[test]
    fn corner_radii_follow_the_resolution() {
        let (placement, _) = clip(&compiled(""));
        assert_eq!((placement.radius, placement.clip.width), (20.0, 564.0));
        assert_eq!(clip(&compiled(r#", "corner_radius": 0"#)).0.radius, 0.0);
    }

    #[test]
    fn a_full_clip_covers_the_canvas_below_a_scrim_for_each_panel() {
        let timeline = compiled(r#", "layout": "full", "corner_radius": 0"#);
        let (placement, index) = clip(&timeline);
        assert_eq!(placement.clip, Rect::new(0.0, 0.0, 720.0, 1280.0));
        let is_scrim = |item: &Item| matches!(item.content, ItemContent::Shape { color: SCRIM, .. });
        let scrims = timeline.items().iter().enumerate().filter(|(_, item)| is_scrim(item));
        assert_eq!(scrims.map(|(at, _)| at).collect::<Vec<_>>(), [index + 1, index + 2]);
        assert!(timeline.items()[index + 3..].iter().any(|item| matches!(item.content, ItemContent::Text { .. })));
        assert!(!compiled("").items().iter().any(is_scrim));
        let contained = clip(&compiled(r#", "layout": "full", "fit": "contain""#)).0;
        assert_eq!(contained.clip, Rect::new(0.0, 280.0, 720.0, 720.0));
    }
}

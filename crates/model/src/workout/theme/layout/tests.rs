//! Nothing that is read lies over anything else, in any format, with any parts.

use super::*;

const FORMATS: [(Format, u32, u32); 3] =
    [(Format::Landscape, 1920, 1080), (Format::Portrait, 1080, 1920), (Format::Square, 1080, 1080)];

fn all_parts() -> impl Iterator<Item = Parts> {
    let flags = |bits: u8| std::array::from_fn::<bool, 5, _>(|index| bits >> index & 1 == 1);
    let parts = |[name, description, timer, next, ring]: [bool; 5]| Parts {
        name: name || description,
        description,
        timer,
        next,
        ring: ring && timer,
    };
    (0..32).map(flags).map(parts)
}

/// The space that a text may take: its lines at full size, or fewer of a smaller one.
fn block(slot: TextSlot) -> Rect {
    let (width, height) = (slot.max_width, f32::from(slot.max_lines) * slot.size * 1.2);
    let (across, down) = slot.anchor.fraction();
    Rect::new(slot.position.0 - width * across, slot.position.1 - height * down, width, height)
}

fn are_apart(one: Rect, other: Rect) -> bool {
    one.right() <= other.x || one.x >= other.right() || one.bottom() <= other.y || one.y >= other.bottom()
}

fn contains(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x && outer.y <= inner.y && outer.right() >= inner.right() && outer.bottom() >= inner.bottom()
}

#[test]
fn nothing_covers_anything_that_is_read() {
    for (format, width, height) in FORMATS {
        for parts in all_parts() {
            let layout = Layout::new(format, Size { width, height }, parts);
            let mut read = vec![("progress", layout.progress)];
            let mut on_panels = Vec::new();
            if parts.name {
                on_panels.extend([("overline", block(layout.overline)), ("name", block(layout.name))]);
            }
            if parts.description {
                on_panels.push(("description", block(layout.description)));
            }
            if parts.timer && parts.ring {
                on_panels.push(("ring", layout.ring));
                assert!(contains(layout.ring, block(layout.timer)), "{format:?} {parts:?}: the time leaves its ring");
                if !contains(layout.ring, block(layout.total)) {
                    on_panels.push(("total", block(layout.total)));
                }
            } else if parts.timer {
                // Digits are lower than a line by the space for letters with tails.
                let timer = block(layout.timer);
                let space = timer.height * 0.12;
                let digits = Rect { y: timer.y + space, height: timer.height - 2.0 * space, ..timer };
                on_panels.extend([("timer", digits), ("total", block(layout.total))]);
            }
            if parts.next {
                on_panels.push(("next", block(layout.next)));
            }
            for (name, rect) in &on_panels {
                let is_on_panel = layout.panels.iter().any(|panel| contains(*panel, *rect));
                assert!(is_on_panel, "{format:?} {parts:?}: {name} {rect:?} leaves {:?}", layout.panels);
            }
            read.extend(on_panels);
            for (index, (name, rect)) in read.iter().enumerate() {
                for (other, other_rect) in &read[index + 1..] {
                    assert!(
                        are_apart(*rect, *other_rect),
                        "{format:?} {parts:?}: {name} {rect:?}, {other} {other_rect:?}"
                    );
                }
            }
            // What comes over the figure for a while covers neither texts nor each other.
            let over = [layout.message, layout.mark, layout.badge];
            for (index, rect) in over.iter().enumerate() {
                let texts = layout.panels.iter().chain([&layout.progress]).chain(&over[index + 1..]);
                for other in texts {
                    assert!(are_apart(*rect, *other), "{format:?} {parts:?}: {rect:?} covers {other:?}");
                }
                assert!(rect.x >= 0.0 && rect.y >= 0.0 && rect.right() <= width as f32, "{rect:?}");
            }
            assert!(layout.panels.iter().all(|panel| are_apart(*panel, layout.figure)), "{format:?} {parts:?}");
        }
    }
}

#[test]
fn captions_cover_no_text_and_no_bar() {
    for (format, width, height) in FORMATS {
        for parts in all_parts() {
            let layout = Layout::new(format, Size { width, height }, parts);
            let CaptionPlacement { line, position, size } = caption_placement(format);
            let percent = |value: u32, of: u32| value as f32 / 100.0 * of as f32;
            // Two lines of a twentieth of the shorter side, with their distance.
            let block = percent(12, width.min(height));
            let left = percent(position, width) - percent(size, width) / 2.0;
            let captions = Rect::new(left, percent(line, height), percent(size, width), block);
            for rect in layout.panels.iter().chain([&layout.badge, &layout.progress]) {
                assert!(are_apart(*rect, captions), "{format:?} {parts:?}: {captions:?} covers {rect:?}");
            }
            assert!(captions.x >= 0.0 && captions.right() <= width as f32);
        }
    }
}

#[test]
fn screens_before_and_after_fit_their_panel() {
    for (format, width, height) in FORMATS {
        let parts = all_parts().last().unwrap();
        let Card { panel, logo, bar, title, facts, list, figure } =
            Layout::new(format, Size { width, height }, parts).card;
        let rects = [logo, bar, block(title), block(facts), block(list)];
        for (index, rect) in rects.iter().enumerate() {
            assert!(contains(panel, *rect), "{format:?}: {rect:?} leaves {panel:?}");
            assert!(rects[index + 1..].iter().all(|other| are_apart(*rect, *other)), "{format:?}: {rect:?}");
        }
        assert!(are_apart(panel, figure), "{format:?}");
    }
}

/// What phone applications cover.
#[test]
fn what_is_read_in_portrait_stays_in_the_safe_area() {
    for parts in all_parts() {
        let layout = Layout::new(Format::Portrait, Size { width: 1080, height: 1920 }, parts);
        let rects = layout.panels.iter().chain([&layout.progress, &layout.badge, &layout.message, &layout.mark]);
        for rect in rects.chain([&layout.card.panel]) {
            assert!(rect.y >= portrait::SAFE_TOP && rect.bottom() <= portrait::SAFE_BOTTOM, "{parts:?}: {rect:?}");
        }
    }
}

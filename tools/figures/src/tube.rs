//! Rounded shapes around curved lines: limbs, the trunk and what is worn on them.

use crate::geometry::{Vec2, vec2};
use crate::motion::{self, Key};

/// The direction that the light comes from, of length one: above and a little in front of the figure.
const LIGHT: Vec2 = vec2(0.48, 0.877);
/// How far the shade reaches from the edge to the middle of a tube whose side faces straight away from the light.
const SHADE_REACH: f32 = 0.62;
/// Rings along a tube, and rings of each of its round ends.
const RINGS: usize = 80;
const CAP_RINGS: usize = 14;

/// A cross-section of a tube.
#[derive(Clone, Copy)]
struct Ring {
    /// How far along the tube it is; less than 0 or more than 1 in the round ends.
    place: f32,
    centre: Vec2,
    /// The direction of the tube's front.
    normal: Vec2,
    front: f32,
    back: f32,
}

impl Ring {
    /// The point at `across`, which goes from -1 at the back to 1 at the front.
    fn point(&self, across: f32) -> Vec2 {
        self.centre + self.normal * (across * if across < 0.0 { self.back } else { self.front })
    }

    /// The edges of the shaded side, from -1 at the back to 1 at the front.
    ///
    /// The shade shrinks to nothing as a limb turns its end to the light, and grows from there on its other side:
    /// while limbs swing, no shade ever jumps.
    fn shade(&self) -> (f32, f32) {
        let facing = self.normal.dot(LIGHT);
        let reach = SHADE_REACH * facing.abs();
        if facing > 0.0 { (-1.0, reach - 1.0) } else { (1.0 - reach, 1.0) }
    }
}

/// A rounded shape around a curved line, with its own width in front of and behind the line at every place.
pub(crate) struct Tube {
    rings: Vec<Ring>,
}

impl Tube {
    /// A tube around the smooth line through `spine`, with round ends. The keys of `profile` are the widths in front of
    /// and behind the line, at places from 0 to 1.
    pub(crate) fn new(spine: &[Vec2], profile: &[Key<2>]) -> Self {
        Self::facing(spine, profile, 1.0)
    }

    /// A tube whose front is on the left of its line where `side` is 1, and on the right where it is -1.
    pub(crate) fn facing(spine: &[Vec2], profile: &[Key<2>], side: f32) -> Self {
        let keys = spine_keys(spine);
        let at = |place: f32| Vec2::from(motion::open(&keys, place));
        let ring = |place: f32| {
            let along = (at((place + 0.01).min(1.0)) - at((place - 0.01).max(0.0))).unit();
            let [front, back] = motion::open(profile, place);
            Ring { place, centre: at(place), normal: along.left() * side, front, back }
        };
        let (first, last) = (ring(0.0), ring(1.0));
        let mut rings: Vec<Ring> = cap(first, -side).rev().collect();
        rings.extend((0..=RINGS).map(|index| ring(index as f32 / RINGS as f32)));
        rings.extend(cap(last, side));
        Self { rings }
    }

    /// The part between two places, `looser` metres wider: a piece of clothing. Places beyond 0 and 1 take in the round
    /// ends.
    pub(crate) fn dressed(&self, from: f32, to: f32, looser: f32) -> Self {
        let part = self.rings.iter().filter(|ring| (from..=to).contains(&ring.place));
        Self {
            rings: part.map(|ring| Ring { front: ring.front + looser, back: ring.back + looser, ..*ring }).collect(),
        }
    }

    /// The whole outline.
    pub(crate) fn outline(&self) -> Vec<Vec2> {
        self.strip(|_| (-1.0, 1.0))
    }

    /// The outline of the side that is away from the light.
    pub(crate) fn shade(&self) -> Vec<Vec2> {
        self.strip(Ring::shade)
    }

    /// The outline of the part of the tube between two curves that run along it.
    fn strip(&self, edges: impl Fn(&Ring) -> (f32, f32)) -> Vec<Vec2> {
        let backs = self.rings.iter().map(|ring| ring.point(edges(ring).0));
        let fronts = self.rings.iter().rev().map(|ring| ring.point(edges(ring).1));
        backs.chain(fronts).collect()
    }
}

/// The points of a line as keys over the share of its length.
fn spine_keys(spine: &[Vec2]) -> Vec<Key<2>> {
    let mut length = 0.0;
    let mut keys: Vec<Key<2>> = Vec::with_capacity(spine.len());
    for (index, point) in spine.iter().enumerate() {
        if index > 0 {
            length += (*point - spine[index - 1]).length();
        }
        keys.push((length, [point.x, point.y]));
    }
    keys.iter_mut().for_each(|key| key.0 /= length);
    keys
}

/// The rings of a round end, outwards from the ring that it closes.
fn cap(base: Ring, side: f32) -> impl DoubleEndedIterator<Item = Ring> {
    let outwards = base.normal.left() * -side;
    let radius = (base.front + base.back) / 2.0;
    (1..=CAP_RINGS).map(move |index| {
        let (rise, width) = (index as f32 / CAP_RINGS as f32 * std::f32::consts::FRAC_PI_2).sin_cos();
        Ring {
            place: base.place.mul_add(2.0, -1.0) * (1.0 + rise),
            centre: base.centre + outwards * (rise * radius),
            front: base.front * width,
            back: base.back * width,
            ..base
        }
    })
}

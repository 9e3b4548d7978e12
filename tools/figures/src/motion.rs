//! Curves through key values: how a pose changes over a loop, and how a limb's width changes along it.
//!
//! The curves are monotone cubics. Their slope is zero at turning points, which eases movements in and out, and they never
//! overshoot: a foot with equal keys does not move.

/// A value of `N` channels at a time, or at a position along a limb.
pub(crate) type Key<const N: usize> = (f32, [f32; N]);

/// The value at `phase` of a curve that repeats with period one. The keys are in order of time, within 0..1.
pub(crate) fn looped<const N: usize>(keys: &[Key<N>], phase: f32) -> [f32; N] {
    let phase = phase.rem_euclid(1.0);
    let count = keys.len() as isize;
    let following = keys.iter().position(|key| key.0 > phase).unwrap_or(keys.len()) as isize;
    let key = |index: isize| {
        let (time, value) = keys[index.rem_euclid(count) as usize];
        (time + index.div_euclid(count) as f32, value)
    };
    segment([key(following - 2), key(following - 1), key(following), key(following + 1)], phase)
}

/// The value at `place` of an open curve; outside of the curve it is the value of the nearest end.
pub(crate) fn open<const N: usize>(keys: &[Key<N>], place: f32) -> [f32; N] {
    let last = keys.len() - 1;
    let place = place.clamp(keys[0].0, keys[last].0);
    let following = keys.iter().position(|key| key.0 > place).unwrap_or(last).max(1);
    let (start, end) = (keys[following - 1], keys[following]);
    let before = if following >= 2 { keys[following - 2] } else { mirrored(end, start) };
    let after = if following < last { keys[following + 1] } else { mirrored(start, end) };
    segment([before, start, end, after], place)
}

/// Smoothstep: rises from 0 to 1 while `value` goes from `start` to `end`.
pub(crate) fn ramp(value: f32, start: f32, end: f32) -> f32 {
    let share = ((value - start) / (end - start)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// Linear interpolation between two numbers.
pub(crate) fn mix(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

/// A key beyond the end of an open curve, in line with its last two keys.
fn mirrored<const N: usize>(inner: Key<N>, outer: Key<N>) -> Key<N> {
    (2.0 * outer.0 - inner.0, std::array::from_fn(|channel| 2.0 * outer.1[channel] - inner.1[channel]))
}

/// The curve between the second and the third of four keys.
fn segment<const N: usize>(keys: [Key<N>; 4], time: f32) -> [f32; N] {
    let width = keys[2].0 - keys[1].0;
    let share = (time - keys[1].0) / width;
    std::array::from_fn(|channel| {
        let point = |index: usize| (keys[index].0, keys[index].1[channel]);
        let (from, to) = (point(1).1, point(2).1);
        let leaving = slope(point(0), point(1), point(2)) * width;
        let arriving = slope(point(1), point(2), point(3)) * width;
        let curvature = 3.0 * (to - from) - 2.0 * leaving - arriving;
        let twist = 2.0 * (from - to) + leaving + arriving;
        from + share * (leaving + share * (curvature + share * twist))
    })
}

/// The slope at the middle of three points: zero at a turning point, otherwise the harmonic mean of the slopes on both sides,
/// which keeps each piece monotone.
fn slope(before: (f32, f32), at: (f32, f32), after: (f32, f32)) -> f32 {
    let rise_in = (at.1 - before.1) / (at.0 - before.0);
    let rise_out = (after.1 - at.1) / (after.0 - at.0);
    if rise_in * rise_out <= 0.0 {
        return 0.0;
    }
    2.0 * rise_in * rise_out / (rise_in + rise_out)
}

//! The most expensive second of a timeline.

/// Work over time: a rate between boundaries, and amounts at them.
#[derive(Default)]
pub(super) struct WorkCurve {
    points: Vec<Point>,
}

struct Point {
    frame: u64,
    /// Work before this frame.
    before: f64,
    /// Work at this frame in addition to the rate.
    amount: f64,
    /// Work of each frame from this one on.
    per_frame: f64,
}

impl WorkCurve {
    /// Adds the next boundary. Frames ascend.
    pub(super) fn push(&mut self, frame: u64, amount: f64, per_frame: f64) {
        let before = self.before(frame);
        self.points.push(Point { frame, before, amount, per_frame });
    }

    /// The work of all frames before this one.
    fn before(&self, frame: u64) -> f64 {
        let next = self.points.partition_point(|point| point.frame < frame);
        next.checked_sub(1).map_or(0.0, |last| {
            let Point { frame: start, before, amount, per_frame } = self.points[last];
            before + amount + per_frame * (frame - start) as f64
        })
    }

    /// The most work in `window` consecutive frames of the `frames` of a timeline. Between boundaries the rate is constant,
    /// so that such frames start at one, or end before or with one.
    pub(super) fn peak(&self, window: u64, frames: u64) -> f64 {
        let ending = |frame: u64| frame.saturating_sub(window);
        let starts = self.points.iter().flat_map(|point| [point.frame, ending(point.frame), ending(point.frame + 1)]);
        let work = |start: u64| self.before((start + window).min(frames)) - self.before(start);
        starts.map(work).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_of_any_second() {
        let mut curve = WorkCurve::default();
        curve.push(0, 100.0, 1.0);
        curve.push(50, 0.0, 10.0);
        curve.push(55, 0.0, 0.0);
        curve.push(62, 7.0, 0.0);
        curve.push(68, 7.0, 2.0);
        let every = (0..100).map(|start| curve.before((start + 10).min(100)) - curve.before(start)).fold(0.0, f64::max);
        assert_eq!((curve.peak(10, 100), every), (110.0, 110.0));
        let mut later = WorkCurve::default();
        later.push(0, 0.0, 1.0);
        later.push(50, 0.0, 10.0);
        later.push(55, 0.0, 3.0);
        later.push(60, 20.0, 0.0);
        let every = (0..100).map(|start| later.before((start + 10).min(100)) - later.before(start)).fold(0.0, f64::max);
        assert_eq!((later.peak(10, 100), every), (every, 10.0 * 4.0 + 3.0 * 5.0 + 20.0));
        assert_eq!(WorkCurve::default().peak(10, 100), 0.0);
    }
}

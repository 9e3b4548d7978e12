//! The display matrix of a track (ISO/IEC 14496-12, 8.3.2).

use mp4_atom::Matrix;

use repcast_model::geometry::Orientation;
use repcast_model::time::Rational;

/// Rotation and aspect correction for display.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct Display {
    /// The nearest of the eight rotations and reflections of a rectangle.
    pub(in crate::decode) orientation: Orientation,
    /// Scale along the stored rows divided by the scale along the stored columns.
    pub(in crate::decode) stretch: Rational,
}

/// Deviations of the stretch from 1 up to this are rounding errors.
const STRETCH_TOLERANCE: f64 = 0.01;

/// Largest stretch that is applied, in either direction; a matrix with a larger one is ignored as nonsense.
const MAX_STRETCH: f64 = 16.0;

impl Display {
    /// From the matrix, which maps a stored point `(x, y)` to `(a x + c y, b x + d y)`, with x to the right and y down.
    pub(in crate::decode) fn of(matrix: &Matrix) -> Self {
        let [a, b, c, d] = [matrix.a, matrix.b, matrix.c, matrix.d].map(f64::from);
        // Frobenius inner product of the orientation's matrix and this one.
        let fit = |orientation: &Orientation| {
            let [[oriented_a, oriented_c], [oriented_b, oriented_d]] = rotation_matrix(*orientation);
            a * oriented_a + b * oriented_b + c * oriented_c + d * oriented_d
        };
        let all =
            (0..4).flat_map(|quarter_turns| [false, true].map(|mirrored| Orientation { mirrored, quarter_turns }));
        let best =
            all.max_by(|one, other| fit(one).total_cmp(&fit(other)).then(is_upright(one).cmp(&is_upright(other))));
        let (across, down) = (a.hypot(b), c.hypot(d));
        let stretch = across / down;
        let is_stretched =
            (stretch - 1.0).abs() > STRETCH_TOLERANCE && (1.0 / MAX_STRETCH..=MAX_STRETCH).contains(&stretch);
        Self {
            orientation: best.filter(|_| across > 0.0 && down > 0.0).unwrap_or_default(),
            stretch: if is_stretched {
                Rational::new((stretch * 10_000.0).round() as i128, 10_000)
            } else {
                Rational::from_integer(1)
            },
        }
    }
}

/// Whether nothing is rotated or mirrored: preferred among orientations that fit equally well.
fn is_upright(orientation: &Orientation) -> bool {
    *orientation == Orientation::default()
}

/// The rows of the matrix of an orientation, in the convention of [`Display::of`].
fn rotation_matrix(Orientation { mirrored, quarter_turns }: Orientation) -> [[f64; 2]; 2] {
    let [[a, c], [b, d]] = match quarter_turns {
        0 => [[1.0, 0.0], [0.0, 1.0]],
        1 => [[0.0, -1.0], [1.0, 0.0]],
        2 => [[-1.0, 0.0], [0.0, -1.0]],
        _ => [[0.0, 1.0], [-1.0, 0.0]],
    };
    // Mirrored left to right, then rotated.
    if mirrored { [[-a, c], [-b, d]] } else { [[a, c], [b, d]] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << 16;

    fn display([a, b, c, d]: [i32; 4]) -> Display {
        Display::of(&Matrix { a, b, c, d, ..Matrix::default() })
    }

    #[test]
    fn every_matrix_maps_to_the_nearest_orientation() {
        let eight = [
            ([1, 0, 0, 1], (false, 0)),
            ([0, 1, -1, 0], (false, 1)),
            ([-1, 0, 0, -1], (false, 2)),
            ([0, -1, 1, 0], (false, 3)),
            ([-1, 0, 0, 1], (true, 0)),
            ([1, 0, 0, -1], (true, 2)),
            ([0, 1, 1, 0], (true, 3)),
            ([0, -1, -1, 0], (true, 1)),
        ];
        for (unit, (mirrored, quarter_turns)) in eight {
            for (scale, off) in [(ONE, 0), (ONE - 1, 0), (ONE / 2, 3), (2 * ONE, -300), (ONE, 300)] {
                let found = display(unit.map(|number| number * scale + off));
                assert_eq!(found.orientation, Orientation { mirrored, quarter_turns }, "{unit:?} x {scale} + {off}");
                assert_eq!(found.stretch, Rational::from_integer(1), "{unit:?} x {scale} + {off}");
            }
        }
    }

    #[test]
    fn stretch_is_measured_along_the_stored_rows() {
        // Four thirds along the rows, upright and rotated.
        assert_eq!(display([87381, 0, 0, ONE]).stretch, Rational::new(13333, 10000));
        assert_eq!(display([0, 87381, -ONE, 0]).stretch, Rational::new(13333, 10000));
        for nonsense in [[0; 4], [0, 0, 0, ONE], [ONE, 0, 0, 0], [i32::MAX, 0, 0, 1]] {
            assert_eq!(display(nonsense).stretch, Rational::from_integer(1), "{nonsense:?}");
        }
        assert_eq!(display([0; 4]).orientation, Orientation::default());
    }
}

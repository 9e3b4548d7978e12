//! Points of the drawing plane and the directions in it.
//!
//! Everything is measured in metres of the figure's own world: x grows to the right, y grows upwards and the floor lies
//! at y = 0. Angles are degrees, counted counter-clockwise from the direction that points right.

use std::ops::{Add, Mul, Sub};

/// A point, or the way from one point to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vec2 {
    /// Metres to the right.
    pub(crate) x: f32,
    /// Metres upwards.
    pub(crate) y: f32,
}

/// Shorthand that keeps tables of points readable.
pub(crate) const fn vec2(x: f32, y: f32) -> Vec2 {
    Vec2 { x, y }
}

/// The vector of length one that points in a direction.
pub(crate) fn direction(degrees: f32) -> Vec2 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    vec2(cos, sin)
}

/// The angle between -180 and 180 degrees that has the same direction.
pub(crate) fn wrapped(degrees: f32) -> f32 {
    let turn = (degrees + 180.0).rem_euclid(360.0) - 180.0;
    if turn == -180.0 { 180.0 } else { turn }
}

impl Vec2 {
    /// The distance that this vector covers.
    pub(crate) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// The same direction with length one; a vector without length points right.
    pub(crate) fn unit(self) -> Self {
        let length = self.length();
        if length > 1e-6 { self * length.recip() } else { vec2(1.0, 0.0) }
    }

    /// A quarter turn counter-clockwise: the front of a limb that hangs down from a figure that faces right.
    pub(crate) fn left(self) -> Self {
        vec2(-self.y, self.x)
    }

    /// The scalar product.
    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// The direction of this vector in degrees.
    pub(crate) fn degrees(self) -> f32 {
        self.y.atan2(self.x).to_degrees()
    }

    /// This vector turned counter-clockwise.
    pub(crate) fn turned(self, degrees: f32) -> Self {
        let axis = direction(degrees);
        axis * self.x + axis.left() * self.y
    }

    /// This point on the other side of the line x = 0.
    pub(crate) fn mirrored(self) -> Self {
        vec2(-self.x, self.y)
    }

    /// The point that lies `share` of the way to another point.
    pub(crate) fn toward(self, other: Self, share: f32) -> Self {
        self + (other - self) * share
    }
}

impl Add for Vec2 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        vec2(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Vec2 {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        vec2(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Vec2 {
    type Output = Self;

    fn mul(self, factor: f32) -> Self {
        vec2(self.x * factor, self.y * factor)
    }
}

impl From<[f32; 2]> for Vec2 {
    fn from([x, y]: [f32; 2]) -> Self {
        vec2(x, y)
    }
}

// Positions and coverage of pixels. A pixel is given by its center: the first is at 0.5.

// Maps a canvas position to source pixels by the rows of an affine map.
fn map_point(row_x: vec4f, row_y: vec4f, center: vec2f) -> vec2f {
    return vec2f(dot(row_x.xyz, vec3f(center, 1.0)), dot(row_y.xyz, vec3f(center, 1.0)));
}

// The fraction of a pixel inside a rectangle: left, top, right, bottom.
fn rect_coverage(rect: vec4f, center: vec2f) -> f32 {
    let inside = clamp(min(center + 0.5, rect.zw) - max(center - 0.5, rect.xy), vec2f(0.0), vec2f(1.0));
    return inside.x * inside.y;
}

// The fraction of a pixel inside a rectangle with rounded corners.
fn rounded_coverage(rect: vec4f, corner_radius: f32, center: vec2f) -> f32 {
    let half_size = (rect.zw - rect.xy) * 0.5;
    let radius = min(corner_radius, min(half_size.x, half_size.y));
    // Measured from each edge separately, so that a bar that grows to the right keeps its left end to the bit.
    let beyond = max(rect.xy + radius - center, center - (rect.zw - radius));
    if radius <= 0.0 || beyond.x <= 0.0 || beyond.y <= 0.0 {
        return rect_coverage(rect, center);
    }
    return clamp(radius - length(beyond) + 0.5, 0.0, 1.0);
}

// The offset from the center of a pixel to one of its samples, which form a grid.
fn tap_offset(column: u32, row: u32, taps: vec2u) -> vec2f {
    return (vec2f(vec2u(column, row)) + 0.5) / vec2f(taps) - 0.5;
}

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

// The offset from the center of a pixel to one of its samples, which form a grid.
fn tap_offset(column: u32, row: u32, taps: vec2u) -> vec2f {
    return (vec2f(vec2u(column, row)) + 0.5) / vec2f(taps) - 0.5;
}

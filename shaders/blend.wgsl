// Blends one layer over a blend target, in the listed tiles.

// #include "shared/sampling.wgsl"
// #include "shared/texels.wgsl"
// #include "shared/tiles.wgsl"

struct Params {
    // Rows of the map from canvas to source pixels; the fourth number is unused. Of a ring: the direction of its end from
    // the centre, and the part of the turn.
    source_x: vec4f,
    source_y: vec4f,
    // Canvas rectangle that the layer is clipped to: left, top, right, bottom.
    clip: vec4f,
    // Source rectangle outside which the source is transparent: left, top, right, bottom.
    bounds: vec4i,
    // Premultiplied color of a shape, a light or a ring.
    color: vec4f,
    opacity: f32,
    // Corner radius of the clip rectangle, or the width of a ring's line, in pixels.
    radius: f32,
    // Bilinear samples per pixel, horizontally and vertically: more than one where the source is reduced.
    taps: vec2u,
}

// The kind of blend, constant per pipeline.
override KIND: u32 = 0u;
// Texel format of the source, see `shared/texels.wgsl`.
override TEXELS: u32 = 0u;

const CLEAR: u32 = 0u;
const SHAPE: u32 = 1u;
const COPY: u32 = 2u;
const SCALED: u32 = 3u;
const GLOW: u32 = 4u;
const RING: u32 = 5u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tiles: array<u32>;
@group(0) @binding(2) var source: texture_2d<f32>;
@group(0) @binding(3) var target_surface: texture_storage_2d<r32uint, read_write>;

// A texel of the source, transparent outside its bounds.
fn texel(at: vec2i) -> vec4f {
    let inside = all(at >= params.bounds.xy) && all(at < params.bounds.zw);
    return decode_texel(textureLoad(source, at, 0), TEXELS) * select(0.0, 1.0, inside);
}

fn bilinear(at: vec2f) -> vec4f {
    let corner = floor(at - 0.5);
    let part = at - 0.5 - corner;
    // The edge texels of the source extend outwards; only texels outside the bounds are transparent.
    let last = vec2i(textureDimensions(source)) - 1;
    let first = clamp(vec2i(corner), vec2i(0), last);
    let second = clamp(vec2i(corner) + 1, vec2i(0), last);
    let top = mix(texel(first), texel(vec2i(second.x, first.y)), part.x);
    let bottom = mix(texel(vec2i(first.x, second.y)), texel(second), part.x);
    return mix(top, bottom, part.y);
}

fn source_at(center: vec2f) -> vec2f {
    return map_point(params.source_x, params.source_y, center);
}

// The strength of a light: 1 at the centre, and 0 with a flat slope at the ellipse (the biweight function).
fn glow_strength(center: vec2f) -> f32 {
    let half_size = (params.clip.zw - params.clip.xy) * 0.5;
    let part = (center - params.clip.xy - half_size) / half_size;
    let left = max(1.0 - dot(part, part), 0.0);
    return left * left;
}

// The fraction of a pixel inside the drawn part of a ring.
fn ring_coverage(center: vec2f) -> f32 {
    let outer = (params.clip.z - params.clip.x) * 0.5;
    let half_width = params.radius * 0.5;
    let at = center - (params.clip.xy + params.clip.zw) * 0.5;
    let line = clamp(half_width + 0.5 - abs(length(at) - (outer - half_width)), 0.0, 1.0);
    let turn = params.source_x.z;
    if turn >= 1.0 {
        return line;
    }
    // Pixels from the straight edges of the part, which run from the centre to the top and along its end.
    let from_top = at.x;
    let from_end = params.source_x.x * at.y - params.source_x.y * at.x;
    let after = clamp(from_top + 0.5, 0.0, 1.0);
    let before = clamp(0.5 - from_end, 0.0, 1.0);
    return line * select(max(after, before), min(after, before), turn <= 0.5);
}

// Spreads the rounding of a color over 8 x 8 pixels, so that a light has no visible steps: -0.5 to 0.5 of a level, in the
// order of a Bayer matrix.
fn dither(pixel: vec2u) -> f32 {
    let mixed = pixel.x ^ pixel.y;
    var order = 0u;
    order |= (mixed & 1u) << 5u | (pixel.y & 1u) << 4u;
    order |= (mixed & 2u) << 2u | (pixel.y & 2u) << 1u;
    order |= (mixed & 4u) >> 1u | (pixel.y & 4u) >> 2u;
    return ((f32(order) + 0.5) / 64.0 - 0.5) / 255.0;
}

fn layer_at(pixel: vec2u) -> vec4f {
    let center = vec2f(pixel) + 0.5;
    let covered = rounded_coverage(params.clip, params.radius, center);
    if KIND == SHAPE {
        return params.color * covered;
    }
    if KIND == GLOW {
        return params.color * glow_strength(center);
    }
    if KIND == RING {
        return params.color * ring_coverage(center);
    }
    if KIND == COPY {
        return texel(vec2i(floor(source_at(center)))) * covered;
    }
    var sum = vec4f(0.0);
    for (var row = 0u; row < params.taps.y; row++) {
        for (var column = 0u; column < params.taps.x; column++) {
            sum += bilinear(source_at(center + tap_offset(column, row, params.taps)));
        }
    }
    return sum / f32(params.taps.x * params.taps.y) * covered;
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let origin = tile_origin(tiles[group.x]);
    let size = textureDimensions(target_surface);
    for (var index = 0u; index < 4u; index++) {
        let pixel = origin + local.xy + vec2u(index & 1u, index >> 1u) * 16u;
        if any(pixel >= size) {
            continue;
        }
        if KIND == CLEAR {
            textureStore(target_surface, pixel, vec4u(0u));
            continue;
        }
        let above = layer_at(pixel) * params.opacity;
        let below = unpack4x8unorm(textureLoad(target_surface, pixel).r);
        var blended = above + below * (1.0 - above.a);
        if KIND == GLOW && above.a > 0.0 {
            blended += dither(pixel);
        }
        textureStore(target_surface, pixel, vec4u(pack4x8unorm(blended), 0u, 0u, 0u));
    }
}

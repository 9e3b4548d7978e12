// Blends a stack of surfaces over the background, inside the listed tiles, and writes the picture that leaves the GPU.

struct Entry {
    // Rows of the map from canvas to surface pixels; the fourth number is the opacity in the first row.
    source_x: vec4f,
    source_y: vec4f,
    // Canvas rectangle that the entry is cut to: left, top, right, bottom.
    clip: vec4f,
    // Surface rectangle outside which the surface is transparent: left, top, right, bottom.
    bounds: vec4i,
    // Samples a pixel across and down; 0 where surface pixels fall on canvas pixels and are copied.
    taps: vec2u,
    pad: vec2u,
}

struct Params {
    entries: array<Entry, 8>,
    // Opaque color under everything.
    background: vec4f,
    size: vec2u,
    // Bytes from one row of the picture to the next.
    stride: u32,
    entry_count: u32,
}

override WRITES_RGBA: bool = false;
const TILE: u32 = 32u;

@group(0) @binding(0) var<uniform> params: Params;
// Packed tile position, and which entries are seen in the tile.
@group(0) @binding(1) var<storage, read> tiles: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> picture: array<u32>;
@group(0) @binding(3) var surface_0: texture_2d<u32>;
@group(0) @binding(4) var surface_1: texture_2d<u32>;
@group(0) @binding(5) var surface_2: texture_2d<u32>;
@group(0) @binding(6) var surface_3: texture_2d<u32>;
@group(0) @binding(7) var surface_4: texture_2d<u32>;
@group(0) @binding(8) var surface_5: texture_2d<u32>;
@group(0) @binding(9) var surface_6: texture_2d<u32>;
@group(0) @binding(10) var surface_7: texture_2d<u32>;

fn load(index: u32, at: vec2i) -> vec4f {
    let bounds = params.entries[index].bounds;
    if any(at < bounds.xy) || any(at >= bounds.zw) {
        return vec4f(0.0);
    }
    var packed: u32;
    switch index {
        case 0u: { packed = textureLoad(surface_0, at, 0).r; }
        case 1u: { packed = textureLoad(surface_1, at, 0).r; }
        case 2u: { packed = textureLoad(surface_2, at, 0).r; }
        case 3u: { packed = textureLoad(surface_3, at, 0).r; }
        case 4u: { packed = textureLoad(surface_4, at, 0).r; }
        case 5u: { packed = textureLoad(surface_5, at, 0).r; }
        case 6u: { packed = textureLoad(surface_6, at, 0).r; }
        default: { packed = textureLoad(surface_7, at, 0).r; }
    }
    return unpack4x8unorm(packed);
}

fn bilinear(index: u32, at: vec2f) -> vec4f {
    let corner = floor(at - 0.5);
    let part = at - 0.5 - corner;
    let first = vec2i(corner);
    let top = mix(load(index, first), load(index, first + vec2i(1, 0)), part.x);
    let bottom = mix(load(index, first + vec2i(0, 1)), load(index, first + vec2i(1, 1)), part.x);
    return mix(top, bottom, part.y);
}

fn source_at(index: u32, center: vec2f) -> vec2f {
    let entry = params.entries[index];
    return vec2f(dot(entry.source_x.xyz, vec3f(center, 1.0)), dot(entry.source_y.xyz, vec3f(center, 1.0)));
}

fn entry_at(index: u32, center: vec2f) -> vec4f {
    let clip = params.entries[index].clip;
    let taps = params.entries[index].taps;
    let opacity = params.entries[index].source_x.w;
    let inside = clamp(min(center + 0.5, clip.zw) - max(center - 0.5, clip.xy), vec2f(0.0), vec2f(1.0));
    let covered = inside.x * inside.y * opacity;
    if covered <= 0.0 {
        return vec4f(0.0);
    }
    if taps.x == 0u {
        return load(index, vec2i(floor(source_at(index, center)))) * covered;
    }
    var sum = vec4f(0.0);
    for (var row = 0u; row < taps.y; row++) {
        for (var column = 0u; column < taps.x; column++) {
            let offset = (vec2f(vec2u(column, row)) + 0.5) / vec2f(taps) - 0.5;
            sum += bilinear(index, source_at(index, center + offset));
        }
    }
    return sum / f32(taps.x * taps.y) * covered;
}

fn color_at(pixel: vec2u, seen: u32) -> vec3f {
    let center = vec2f(pixel) + 0.5;
    var color = params.background.rgb;
    for (var index = 0u; index < params.entry_count; index++) {
        if (seen & (1u << index)) != 0u {
            let above = entry_at(index, center);
            color = above.rgb + color * (1.0 - above.a);
        }
    }
    return clamp(color, vec3f(0.0), vec3f(1.0));
}

// ITU-R BT.709, limited range, 8 bits.
const KR: f32 = 0.2126;
const KB: f32 = 0.0722;

fn luma(color: vec3f) -> f32 {
    return dot(color, vec3f(KR, 1.0 - KR - KB, KB));
}

fn luma_byte(color: vec3f) -> u32 {
    return u32(16.5 + 219.0 * luma(color));
}

fn chroma_bytes(color: vec3f) -> u32 {
    let y = luma(color);
    let cb = u32(128.5 + 112.0 * (color.b - y) / (1.0 - KB));
    let cr = u32(128.5 + 112.0 * (color.r - y) / (1.0 - KR));
    return cb | (cr << 8u);
}

fn write_rgba(corner: vec2u, seen: u32) {
    for (var index = 0u; index < 8u; index++) {
        let pixel = corner + vec2u(index & 3u, index >> 2u);
        if all(pixel < params.size) {
            picture[pixel.y * (params.stride / 4u) + pixel.x] = pack4x8unorm(vec4f(color_at(pixel, seen), 1.0));
        }
    }
}

// Four pixels across and two down: two words of luma and one of chroma.
fn write_nv12(corner: vec2u, seen: u32) {
    var luma_words = vec2u(0u);
    var chroma_word = 0u;
    for (var pair = 0u; pair < 2u; pair++) {
        var sum = vec3f(0.0);
        for (var index = 0u; index < 4u; index++) {
            let column = pair * 2u + (index & 1u);
            let row = index >> 1u;
            let color = color_at(corner + vec2u(column, row), seen);
            sum += color;
            luma_words[row] |= luma_byte(color) << (column * 8u);
        }
        chroma_word |= chroma_bytes(sum * 0.25) << (pair * 16u);
    }
    let words = params.stride / 4u;
    let word = corner.x / 4u;
    picture[corner.y * words + word] = luma_words.x;
    picture[(corner.y + 1u) * words + word] = luma_words.y;
    picture[(params.size.y + corner.y / 2u) * words + word] = chroma_word;
}

@compute @workgroup_size(8, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let tile = tiles[group.x];
    let corner = vec2u(tile.x & 0xffffu, tile.x >> 16u) * TILE + local.xy * vec2u(4u, 2u);
    if any(corner >= params.size) {
        return;
    }
    if WRITES_RGBA {
        write_rgba(corner, tile.y);
    } else {
        write_nv12(corner, tile.y);
    }
}

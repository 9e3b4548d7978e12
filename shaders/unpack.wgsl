// Converts a decoder's samples, of any layout, to premultiplied RGBA.

// #include "shared/bt709.wgsl"

struct Component {
    // Byte of the component's first sample, bytes from row to row, bytes from sample to sample.
    first: u32,
    stride: u32,
    step: u32,
    // Log2 of the horizontal (low half) and vertical (high half) subsampling.
    sub: u32,
}

// A chroma key, see `model/src/chroma_key.rs`.
struct Key {
    // Cb and Cr of its color.
    chroma: vec2f,
    similarity: f32,
    // Above 0.
    smoothness: f32,
    // Red, green and blue of its color without their luma.
    hue: vec3f,
    spill: f32,
}

struct Params {
    components: array<Component, 4>,
    // Rows of the matrix from (sample, sample, sample, 1) to red, green, blue; samples run from 0 to 1.
    to_red: vec4f,
    to_green: vec4f,
    to_blue: vec4f,
    // x, y, width, height of the uploaded pixels.
    rect: vec4u,
    // The pixels to write, relative to the uploaded ones, which include the chroma samples around them.
    inner: vec4u,
    // 1 / the largest sample value.
    scale: f32,
    // Position of the first chroma sample between its pixels: 0 on the first, 0.5 in the middle.
    chroma_shift: f32,
    // Light from which highlights are compressed, and the peak light of the content; 1 is white.
    knee: f32,
    peak: f32,
    // Rows of the matrix to the primaries of BT.709 in linear light.
    to_red_light: vec4f,
    to_green_light: vec4f,
    to_blue_light: vec4f,
    key: Key,
}

// The layout of the samples, constant per pipeline: two bytes per sample; with alpha; straight alpha; second and third
// component (0: absent, 1: for every pixel, 2: subsampled).
override WIDE: bool = false;
override HAS_ALPHA: bool = false;
override STRAIGHT: bool = false;
override CHROMA: u32 = 0u;
// Conversion to the colors of the canvas (0: none; 1: primaries; 2: from PQ; 3: from HLG).
override MAPPING: u32 = 0u;
// Whether the clip has a chroma key.
override KEYED: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var target_surface: texture_storage_2d<rgba8unorm, write>;

fn byte_at(index: u32) -> u32 {
    return (bytes[index >> 2u] >> ((index & 3u) * 8u)) & 0xffu;
}

fn sample_at(component: Component, x: u32, y: u32) -> f32 {
    let index = component.first + y * component.stride + x * component.step;
    var value = byte_at(index);
    if WIDE {
        value |= byte_at(index + 1u) << 8u;
    }
    return f32(value) * params.scale;
}

// The value of a component at a pixel, interpolated if the component is subsampled.
fn chroma_at(component: Component, pixel: vec2u) -> f32 {
    if CHROMA == 1u {
        return sample_at(component, pixel.x, pixel.y);
    }
    let sub = vec2u(component.sub & 0xffffu, component.sub >> 16u);
    let cell = vec2f(vec2u(1u) << sub);
    let last = (params.rect.zw + (vec2u(1u) << sub) - 1u >> sub) - 1u;
    // Chroma samples are sited between rows, and on or between columns.
    let shift = select(vec2f(0.0), vec2f(params.chroma_shift, 0.5), sub > vec2u(0u)) * (cell - 1.0);
    let at = clamp((vec2f(pixel) - shift) / cell, vec2f(0.0), vec2f(last));
    let low = vec2u(floor(at));
    let high = min(low + 1u, last);
    let part = at - floor(at);
    let top = mix(sample_at(component, low.x, low.y), sample_at(component, high.x, low.y), part.x);
    let bottom = mix(sample_at(component, low.x, high.y), sample_at(component, high.x, high.y), part.x);
    return mix(top, bottom, part.y);
}

// Light of a color on a display; 1 is white at 203 candela per square metre (ITU-R BT.2408).
fn light_of(color: vec3f) -> vec3f {
    // WGSL leaves pow of 0 to the driver.
    let value = max(color, vec3f(1e-9));
    if MAPPING == 2u {
        // SMPTE ST 2084.
        let root = pow(value, vec3f(1.0 / 78.84375));
        let part = max(root - 0.8359375, vec3f(0.0)) / (18.8515625 - 18.6875 * root);
        return pow(max(part, vec3f(1e-20)), vec3f(1.0 / 0.1593017578125)) * (10000.0 / 203.0);
    }
    if MAPPING == 3u {
        // ITU-R BT.2100: the inverse OETF, then the OOTF of a display of 1000 candela per square metre.
        let upper = (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12.0;
        let scene = select(value * value / 3.0, upper, value > vec3f(0.5));
        let luma = dot(scene, vec3f(0.2627, 0.6780, 0.0593));
        return scene * pow(luma, 0.2) * (1000.0 / 203.0);
    }
    // ITU-R BT.1886.
    return pow(value, vec3f(2.4));
}

// Converts a color of the clip to the canvas. A color outside the gamut of BT.709 moves towards the gray of its
// luminance until it is inside. Highlights of high dynamic range are compressed by one factor for all components, which
// keeps the hue.
fn mapped(color: vec3f) -> vec3f {
    let wide = light_of(color);
    var light = vec3f(
        dot(params.to_red_light.xyz, wide),
        dot(params.to_green_light.xyz, wide),
        dot(params.to_blue_light.xyz, wide),
    );
    let gray = max(dot(light, vec3f(0.2126, 0.7152, 0.0722)), 0.0);
    let low = min(light.x, min(light.y, light.z));
    if low < 0.0 {
        light = gray + (light - gray) * (gray / (gray - low));
    }
    let high = max(light.x, max(light.y, light.z));
    if MAPPING == 1u {
        if high > 1.0 {
            light = gray + (light - gray) * (max(1.0 - gray, 0.0) / max(high - gray, 1e-6));
        }
        return pow(clamp(light, vec3f(1e-9), vec3f(1.0)), vec3f(1.0 / 2.4));
    }
    if high > params.knee {
        // Reinhard's curve from the knee, where its slope is 1, to the peak, which becomes white.
        let room = 1.0 - params.knee;
        let above = (min(high, params.peak) - params.knee) / room;
        let most = (params.peak - params.knee) / room;
        light *= (params.knee + room * above * (1.0 + above / (most * most)) / (1.0 + above)) / high;
    }
    // The curve of sRGB, IEC 61966-2-1.
    light = clamp(light, vec3f(1e-9), vec3f(1.0));
    return select(12.92 * light, 1.055 * pow(light, vec3f(1.0 / 2.4)) - 0.055, light > vec3f(0.0031308));
}

// A color without what the screen spills onto it; the fourth number is the matte.
fn keyed(color: vec3f) -> vec4f {
    let luma = dot(color, vec3f(KR, 1.0 - KR - KB, KB));
    let chroma = (color.br - luma) / vec2f(2.0 * (1.0 - KB), 2.0 * (1.0 - KR));
    let key = params.key;
    let reach = length(key.chroma);
    let matte = clamp((distance(chroma, key.chroma) / reach - key.similarity) / key.smoothness, 0.0, 1.0);
    let amount = key.spill * max(dot(chroma, key.chroma), 0.0) / (reach * reach);
    return vec4f(clamp(color - amount * key.hue, vec3f(0.0), vec3f(1.0)), matte);
}

@compute @workgroup_size(16, 8)
fn main(@builtin(global_invocation_id) global: vec3u) {
    // Invocations outside the rectangle repeat its last pixel, which costs less than a branch.
    let id = params.inner.xy + min(global.xy, params.inner.zw - 1u);
    var samples = vec4f(0.0, 0.0, 0.0, 1.0);
    var alpha = 1.0;
    samples.x = sample_at(params.components[0], id.x, id.y);
    if CHROMA != 0u {
        samples.y = chroma_at(params.components[1], id);
        samples.z = chroma_at(params.components[2], id);
    }
    if HAS_ALPHA {
        alpha = min(sample_at(params.components[3], id.x, id.y), 1.0);
    }
    var color = clamp(vec3f(dot(params.to_red, samples), dot(params.to_green, samples), dot(params.to_blue, samples)), vec3f(0.0), vec3f(1.0));
    // Premultiplied colors are divided by their alpha before they are converted, and multiplied by it again.
    let is_divided = HAS_ALPHA && !STRAIGHT && (MAPPING != 0u || KEYED);
    if is_divided {
        color = min(color / max(alpha, 1e-6), vec3f(1.0));
    }
    if MAPPING != 0u {
        color = mapped(color);
    }
    var matte = 1.0;
    if KEYED {
        let kept = keyed(color);
        color = kept.rgb;
        matte = kept.a;
    }
    if is_divided || STRAIGHT {
        color *= alpha;
    }
    if KEYED {
        color *= matte;
        alpha *= matte;
    }
    // A premultiplied component is at most its alpha.
    let pixel = vec4f(min(color, vec3f(alpha)), alpha);
    textureStore(target_surface, params.rect.xy + id, pixel);
}

// Texel formats of surfaces; the values are those of `Texels` in `device/surface.rs`. A format is encoded as its
// component order and four times its kind of alpha.
const ORDER_RGBA: u32 = 0u;
const ORDER_ARGB: u32 = 1u;
const ORDER_BGRA: u32 = 2u;
const ORDER_ABGR: u32 = 3u;
const ALPHA_PREMULTIPLIED: u32 = 0u;
const ALPHA_STRAIGHT: u32 = 1u;
const ALPHA_ABSENT: u32 = 2u;

// The premultiplied color of a texel in one of these formats.
fn decode_texel(texel: vec4f, texels: u32) -> vec4f {
    let order = texels & 3u;
    let alpha = texels >> 2u;
    var color = texel;
    if order == ORDER_ARGB {
        color = texel.gbar;
    } else if order == ORDER_BGRA {
        color = texel.bgra;
    } else if order == ORDER_ABGR {
        color = texel.abgr;
    }
    if alpha == ALPHA_ABSENT {
        return vec4f(color.rgb, 1.0);
    }
    if alpha == ALPHA_STRAIGHT {
        return vec4f(color.rgb * color.a, color.a);
    }
    // A premultiplied component is at most its alpha.
    return vec4f(min(color.rgb, vec3f(color.a)), color.a);
}

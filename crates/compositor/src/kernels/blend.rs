//! The kernel that blends one layer over a blend target; see `shaders/blend.wgsl`.

use super::bindings::{SURFACE, buffer_entry, read_entry, write_entry};
use super::include::shader;
use super::kernel::{Constants, Kernel};
use crate::device::GpuContext;
use crate::device::surface::{Surface, Texels};
use repcast_media::PixelRect;
use repcast_model::geometry::{Placement, Rect, Size};

pub(crate) const SHADER: &str = shader!("blend");

mod gpu_data {
    /// `Params` of `blend.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct BlendParams {
        pub(crate) source: [[f32; 4]; 2],
        pub(crate) clip: [f32; 4],
        pub(crate) bounds: [i32; 4],
        pub(crate) color: [f32; 4],
        pub(crate) opacity: f32,
        pub(crate) radius: f32,
        pub(crate) taps: [u32; 2],
    }
}

pub(crate) use gpu_data::BlendParams;

/// Kind of a blend; the values are those of the shader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BlendKind {
    Clear = 0,
    Shape = 1,
    Copy = 2,
    Scaled = 3,
    Glow = 4,
    Ring = 5,
}

/// One blend: its kind and its parameters.
#[derive(Clone, Copy)]
pub(crate) struct Blend {
    kind: BlendKind,
    texels: Texels,
    pub(crate) params: BlendParams,
}

impl Blend {
    /// Clears the tiles to transparent.
    pub(crate) fn clear() -> Self {
        Self { kind: BlendKind::Clear, texels: Texels::PREMULTIPLIED, params: bytemuck::Zeroable::zeroed() }
    }

    /// A rectangle in a premultiplied color.
    pub(crate) fn shape(rect: Rect, radius: f32, color: [f32; 4], opacity: f32) -> Self {
        let params = BlendParams { clip: edges(rect), color, opacity, radius, ..Self::clear().params };
        Self { kind: BlendKind::Shape, params, ..Self::clear() }
    }

    /// A light in a premultiplied color, inside the ellipse of a rectangle.
    pub(crate) fn glow(rect: Rect, color: [f32; 4], opacity: f32) -> Self {
        Self { kind: BlendKind::Glow, ..Self::shape(rect, 0.0, color, opacity) }
    }

    /// A part of a ring in a premultiplied color, from the top clockwise; `turn` is 1 for all of it.
    pub(crate) fn ring(rect: Rect, thickness: f32, turn: f32, color: [f32; 4], opacity: f32) -> Self {
        let mut blend = Self { kind: BlendKind::Ring, ..Self::shape(rect, thickness, color, opacity) };
        // The direction of the ring's end, as seen from its centre, and whether the part is more than a half.
        let (sine, cosine) = (turn * std::f32::consts::TAU).sin_cos();
        blend.params.source = [[sine, -cosine, turn, 0.0], [0.0; 4]];
        blend
    }

    /// A surface, which is transparent outside `bounds`.
    pub(crate) fn surface(placement: &Placement, bounds: PixelRect, texels: Texels, opacity: f32) -> Self {
        let taps = taps(placement);
        let params = BlendParams {
            source: rows(placement),
            clip: edges(placement.clip),
            bounds: bound_edges(bounds),
            opacity,
            radius: placement.radius,
            taps,
            ..Self::clear().params
        };
        Self { kind: if taps[0] == 0 { BlendKind::Copy } else { BlendKind::Scaled }, texels, params }
    }

    /// The shader's constants.
    pub(crate) fn constants(&self) -> Constants {
        vec![("KIND", self.kind as u32), ("TEXELS", self.texels.code())]
    }
}

/// The placement's map as the kernels read it; the fourth number of each row is 0.
pub(crate) fn rows(placement: &Placement) -> [[f32; 4]; 2] {
    placement.stored_from_canvas.map(|[a, b, c]| [a, b, c, 0.0])
}

/// Left, top, right and bottom edge.
pub(crate) fn edges(rect: Rect) -> [f32; 4] {
    [rect.x, rect.y, rect.right(), rect.bottom()]
}

/// Left, top, right and bottom edge in whole pixels.
pub(crate) fn bound_edges(rect: PixelRect) -> [i32; 4] {
    [rect.x as i32, rect.y as i32, (rect.x + rect.width) as i32, (rect.y + rect.height) as i32]
}

/// Bilinear samples per pixel, horizontally and vertically; 0 if surface pixels coincide with canvas pixels.
pub(crate) fn taps(placement: &Placement) -> [u32; 2] {
    let [[a, b, c], [d, e, f]] = placement.stored_from_canvas;
    let unit = |value: f32| value == 0.0 || value.abs() == 1.0;
    if [a, b, d, e].into_iter().all(unit) && c.fract() == 0.0 && f.fract() == 0.0 {
        return [0, 0];
    }
    // A bilinear sample spans two source pixels, so that reductions up to 1.5 need one.
    let taps = |reduction: f32| ((reduction * 0.66).ceil() as u32).clamp(1, 8);
    [taps(a.hypot(d)), taps(b.hypot(e))]
}

pub(crate) struct BlendKernel {
    pub(crate) kernel: Kernel,
    /// Bound as the source of blends without one.
    placeholder: Surface,
}

impl BlendKernel {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let entries = [
            buffer_entry(0, wgpu::BufferBindingType::Uniform),
            buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            read_entry(2, SURFACE),
            write_entry(3, wgpu::TextureFormat::R32Uint, wgpu::StorageTextureAccess::ReadWrite),
        ];
        let kernel = Kernel::new(context, "blend", |_| SHADER.into(), &entries);
        let placeholder = Surface::new(context, Size { width: 1, height: 1 }, "placeholder");
        Self { kernel, placeholder }
    }

    #[expect(clippy::too_many_arguments, reason = "one argument per binding, and the number of tiles")]
    pub(crate) fn encode(
        &self,
        context: &GpuContext,
        pass: &mut wgpu::ComputePass<'_>,
        constants: &Constants,
        params: wgpu::BindingResource<'_>,
        tiles: wgpu::BindingResource<'_>,
        source: Option<&wgpu::TextureView>,
        target: &wgpu::TextureView,
        tile_count: u32,
    ) {
        let source = wgpu::BindingResource::TextureView(source.unwrap_or(&self.placeholder.view));
        let group = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("blend"),
            layout: &self.kernel.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: params },
                wgpu::BindGroupEntry { binding: 1, resource: tiles },
                wgpu::BindGroupEntry { binding: 2, resource: source },
                wgpu::BindGroupEntry { binding: 3, resource: wgpu::BindingResource::TextureView(target) },
            ],
        });
        pass.set_pipeline(&self.kernel.pipeline(constants));
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(tile_count, 1, 1);
    }
}

//! The kernel that draws one layer over a surface; see `shaders/blend.wgsl`.

use super::kernel::{Constants, Kernel};
use crate::layers::surface::{SURFACE, Surface, Texels, buffer_entry, read_entry, write_entry};
use repcast_media::PixelRect;
use repcast_model::geometry::{Placement, Rect};

pub(crate) const SHADER: &str = include_str!("../../../../shaders/blend.wgsl");

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

/// What is drawn; the numbers are those of the shader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Clear = 0,
    Shape = 1,
    Copy = 2,
    Scaled = 3,
}

/// One blend: what, and how.
#[derive(Clone, Copy)]
pub(crate) struct Blend {
    pub(crate) kind: Kind,
    pub(crate) texels: Texels,
    pub(crate) params: BlendParams,
}

impl Blend {
    /// Makes the tiles transparent.
    pub(crate) fn clear() -> Self {
        Self { kind: Kind::Clear, texels: Texels::PREMULTIPLIED, params: bytemuck::Zeroable::zeroed() }
    }

    /// A rectangle of a premultiplied color.
    pub(crate) fn shape(rect: Rect, radius: f32, color: [f32; 4], opacity: f32) -> Self {
        let params = BlendParams { clip: edges(rect), color, opacity, radius, ..Self::clear().params };
        Self { kind: Kind::Shape, params, ..Self::clear() }
    }

    /// A surface, of which only `bounds` is not transparent.
    pub(crate) fn surface(placement: &Placement, bounds: PixelRect, texels: Texels, opacity: f32) -> Self {
        let taps = taps(placement);
        let params = BlendParams {
            source: rows(placement),
            clip: edges(placement.clip),
            bounds: bound_edges(bounds),
            opacity,
            taps,
            ..Self::clear().params
        };
        Self { kind: if taps[0] == 0 { Kind::Copy } else { Kind::Scaled }, texels, params }
    }
}

impl Blend {
    /// The shader's constants.
    pub(crate) fn constants(&self) -> Constants {
        vec![("KIND", self.kind as u32), ("TEXELS", self.texels.code())]
    }
}

/// The placement's map as the kernels read it, the fourth number of each row left at 0.
pub(crate) fn rows(placement: &Placement) -> [[f32; 4]; 2] {
    placement.stored_from_canvas.map(|[a, b, c]| [a, b, c, 0.0])
}

pub(crate) fn edges(rect: Rect) -> [f32; 4] {
    [rect.x, rect.y, rect.right(), rect.bottom()]
}

pub(crate) fn bound_edges(rect: PixelRect) -> [i32; 4] {
    [rect.x as i32, rect.y as i32, (rect.x + rect.width) as i32, (rect.y + rect.height) as i32]
}

/// Bilinear samples a pixel, across and down; zero when surface pixels fall exactly on canvas pixels.
pub(crate) fn taps(placement: &Placement) -> [u32; 2] {
    let [[a, b, c], [d, e, f]] = placement.stored_from_canvas;
    let unit = |value: f32| value == 0.0 || value.abs() == 1.0;
    if [a, b, d, e].into_iter().all(unit) && c.fract() == 0.0 && f.fract() == 0.0 {
        return [0, 0];
    }
    // One bilinear sample spans two source pixels, so that up to one and a half times as many need no more than one.
    let taps = |shrinking: f32| ((shrinking * 0.66).ceil() as u32).clamp(1, 8);
    [taps(a.hypot(d)), taps(b.hypot(e))]
}

pub(crate) struct BlendKernel {
    pub(crate) kernel: Kernel,
    /// Bound as the source of layers that have none.
    nothing: Surface,
}

impl BlendKernel {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let entries = [
            buffer_entry(0, wgpu::BufferBindingType::Uniform),
            buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            read_entry(2, SURFACE),
            write_entry(3, wgpu::TextureFormat::R32Uint, wgpu::StorageTextureAccess::ReadWrite),
        ];
        let kernel = Kernel::new(device, "blend", |_| SHADER.into(), &entries);
        let nothing = Surface::new(device, repcast_model::geometry::Size { width: 1, height: 1 }, "nothing");
        Self { kernel, nothing }
    }

    #[expect(clippy::too_many_arguments, reason = "one argument a binding, and the number of tiles")]
    pub(crate) fn encode(
        &self,
        device: &wgpu::Device,
        pass: &mut wgpu::ComputePass<'_>,
        constants: &Constants,
        params: wgpu::BindingResource<'_>,
        tiles: wgpu::BindingResource<'_>,
        source: Option<&wgpu::TextureView>,
        target: &wgpu::TextureView,
        tile_count: u32,
    ) {
        let source = wgpu::BindingResource::TextureView(source.unwrap_or(&self.nothing.view));
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
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

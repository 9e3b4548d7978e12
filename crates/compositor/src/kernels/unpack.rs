//! The kernel that converts a decoder's samples to a surface; see `shaders/unpack.wgsl`.

use super::bindings::{buffer_entry, write_entry};
use super::include::shader;
use super::kernel::{Constants, Kernel};
use crate::device::GpuContext;
use crate::tiles::content_id::ClipColors;
use repcast_media::{ClipFrame, ColorModel, Component, PixelRect};
use repcast_model::chroma_key::ChromaKey;
use repcast_model::clip::AlphaMode;
use repcast_model::color::{Colorimetry, Matrix, Primaries, Range, Transfer};
use repcast_model::time::to_f64;

pub(crate) const SHADER: &str = shader!("unpack");

/// Pixels that one workgroup converts, horizontally and vertically.
const GROUP: (u32, u32) = (16, 8);

mod gpu_data {
    /// `Key` of `unpack.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct KeyParams {
        pub(crate) chroma: [f32; 2],
        pub(crate) similarity: f32,
        pub(crate) smoothness: f32,
        pub(crate) hue: [f32; 3],
        pub(crate) spill: f32,
    }

    /// `Params` of `unpack.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct UnpackParams {
        pub(crate) components: [[u32; 4]; 4],
        pub(crate) to_rgb: [[f32; 4]; 3],
        pub(crate) rect: [u32; 4],
        pub(crate) inner: [u32; 4],
        pub(crate) scale: f32,
        pub(crate) chroma_shift: f32,
        pub(crate) knee: f32,
        pub(crate) peak: f32,
        pub(crate) to_bt709: [[f32; 4]; 3],
        pub(crate) key: KeyParams,
    }
}

use gpu_data::KeyParams;
pub(crate) use gpu_data::UnpackParams;

/// White of standard dynamic range in candela per square metre: the reference white of ITU-R BT.2408.
const SDR_WHITE_NITS: f64 = 203.0;

/// The nominal display of hybrid log-gamma, ITU-R BT.2100: 1000 candela per square metre.
const HLG_PEAK_NITS: f64 = 1000.0;

/// Light up to which high dynamic range is unchanged; 1 is white in standard dynamic range. Brighter light is
/// compressed into the remaining range, which maps white at [`SDR_WHITE_NITS`] to level 241 of 255.
const KNEE: f64 = 0.75;

/// Least smoothness of a chroma key: less is a step, too.
const MIN_SMOOTHNESS: f32 = 1e-4;

/// One unpack: the pipeline's constants and the kernel's parameters.
pub(crate) struct Unpack {
    pub(crate) constants: Constants,
    pub(crate) params: UnpackParams,
}

pub(crate) struct UnpackKernel {
    pub(crate) kernel: Kernel,
}

impl UnpackKernel {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let entries = [
            buffer_entry(0, wgpu::BufferBindingType::Uniform),
            buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            write_entry(2, wgpu::TextureFormat::Rgba8Unorm, wgpu::StorageTextureAccess::WriteOnly),
        ];
        Self { kernel: Kernel::new(context, "unpack", |_| SHADER.into(), &entries) }
    }

    #[expect(clippy::too_many_arguments, reason = "one argument per binding, and the rectangle")]
    pub(crate) fn encode(
        &self,
        context: &GpuContext,
        pass: &mut wgpu::ComputePass<'_>,
        constants: &Constants,
        params: wgpu::BindingResource<'_>,
        bytes: wgpu::BindingResource<'_>,
        target: &wgpu::TextureView,
        rect: PixelRect,
    ) {
        let group = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("unpack"),
            layout: &self.kernel.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: params },
                wgpu::BindGroupEntry { binding: 1, resource: bytes },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::TextureView(target) },
            ],
        });
        pass.set_pipeline(&self.kernel.pipeline(constants));
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(rect.width.div_ceil(GROUP.0), rect.height.div_ceil(GROUP.1), 1);
    }
}

/// Parameters that unpack the pixels of `inner`. The pixels of `rect` around it are uploaded, plane after plane without
/// padding.
pub(crate) fn unpack_of(frame: &ClipFrame, rect: PixelRect, inner: PixelRect, (alpha, key): ClipColors) -> Unpack {
    let mut first = 0;
    let planes: Vec<(u32, u32)> = (0..frame.planes.len())
        .map(|index| {
            let rows = frame.plane_rows(index, rect);
            let plane = (first, rows.row_bytes as u32);
            first += (rows.row_bytes * rows.count) as u32;
            plane
        })
        .collect();
    let layout = &frame.layout;
    let component = |component: Component| {
        let (first, stride) = planes.get(usize::from(component.plane)).copied().unwrap_or_default();
        let sub = u32::from(component.x_sub) | u32::from(component.y_sub) << 16;
        [first + u32::from(component.offset), stride, u32::from(component.step), sub]
    };
    let params = UnpackParams {
        components: layout.components.map(component),
        to_rgb: to_rgb(layout.model, layout.depth).map(|row| row.map(|value| value as f32)),
        rect: [rect.x, rect.y, rect.width, rect.height],
        inner: [inner.x - rect.x, inner.y - rect.y, inner.width, inner.height],
        scale: 1.0 / ((1_u32 << layout.depth) - 1) as f32,
        chroma_shift: if layout.chroma_left { 0.0 } else { 0.5 },
        knee: KNEE as f32,
        peak: peak(layout.colorimetry.transfer) as f32,
        to_bt709: layout.colorimetry.primaries.to_bt709().map(|[r, g, b]| [r as f32, g as f32, b as f32, 0.0]),
        key: key.as_ref().map(key_params).unwrap_or_default(),
    };
    let subsampled = layout.components.iter().any(|component| component.x_sub + component.y_sub > 0);
    let chroma = match layout.model {
        ColorModel::Gray(_) => 0,
        _ if subsampled => 2,
        _ => 1,
    };
    let constants = vec![
        ("WIDE", u32::from(layout.depth > 8)),
        ("HAS_ALPHA", u32::from(layout.has_alpha)),
        ("STRAIGHT", u32::from(layout.has_alpha && alpha == AlphaMode::Straight)),
        ("CHROMA", chroma),
        ("MAPPING", mapping(layout.colorimetry)),
        ("KEYED", u32::from(key.is_some())),
    ];
    Unpack { constants, params }
}

fn key_params(key: &ChromaKey) -> KeyParams {
    KeyParams {
        chroma: key.chroma().map(|value| value as f32),
        similarity: to_f64(key.similarity) as f32,
        smoothness: (to_f64(key.smoothness) as f32).max(MIN_SMOOTHNESS),
        hue: key.hue().map(|value| value as f32),
        spill: to_f64(key.spill) as f32,
    }
}

/// The shader's `MAPPING` constant: the conversion to the colors of the canvas.
const fn mapping(colorimetry: Colorimetry) -> u32 {
    match colorimetry {
        Colorimetry { primaries: Primaries::Bt709, transfer: Transfer::Sdr } => 0,
        Colorimetry { transfer: Transfer::Sdr, .. } => 1,
        Colorimetry { transfer: Transfer::Pq { .. }, .. } => 2,
        Colorimetry { transfer: Transfer::Hlg, .. } => 3,
    }
}

/// The peak light of the content; 1 is white in standard dynamic range.
fn peak(transfer: Transfer) -> f64 {
    let nits = match transfer {
        Transfer::Sdr => SDR_WHITE_NITS,
        Transfer::Pq { peak_nits } => f64::from(peak_nits),
        Transfer::Hlg => HLG_PEAK_NITS,
    };
    (nits / SDR_WHITE_NITS).max(1.0)
}

/// Rows from (sample, sample, sample, 1), samples from 0 to 1, to red, green and blue from 0 to 1.
///
/// For video: ITU-R BT.601, BT.709 and BT.2020 define luma as `Kr R + (1 - Kr - Kb) G + Kb B` and the differences as
/// `(B - Y) / (2 (1 - Kb))` and `(R - Y) / (2 (1 - Kr))`; limited range scales them to 219 and 224 steps of 255 at
/// 8 bits, and to the same multiplied by a power of two at more.
fn to_rgb(model: ColorModel, depth: u8) -> [[f64; 4]; 3] {
    let steps = f64::from(1_u32 << (depth - 8));
    let largest = f64::from((1_u32 << depth) - 1);
    let luma = |range: Range| match range {
        Range::Full => (1.0, 0.0),
        Range::Limited => (largest / (219.0 * steps), -16.0 / 219.0),
    };
    match model {
        ColorModel::Rgb => [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
        ColorModel::Gray(range) => {
            let (scale, offset) = luma(range);
            [[scale, 0.0, 0.0, offset]; 3]
        }
        ColorModel::Yuv(matrix, range) => yuv_to_rgb(
            matrix,
            luma(range),
            match range {
                Range::Full => (1.0, -128.0 * steps / largest),
                Range::Limited => (largest / (224.0 * steps), -128.0 / 224.0),
            },
        ),
    }
}

/// `luma` and `chroma` are scale and offset from samples to 0..1 and -0.5..0.5.
fn yuv_to_rgb(matrix: Matrix, luma: (f64, f64), chroma: (f64, f64)) -> [[f64; 4]; 3] {
    let (kr, kb) = matrix.kr_kb();
    let kg = 1.0 - kr - kb;
    let rows =
        [(0.0, 2.0 * (1.0 - kr)), (-2.0 * kb * (1.0 - kb) / kg, -2.0 * kr * (1.0 - kr) / kg), (2.0 * (1.0 - kb), 0.0)];
    rows.map(|(blue, red)| [luma.0, blue * chroma.0, red * chroma.0, luma.1 + (blue + red) * chroma.1])
}

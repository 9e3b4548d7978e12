//! The kernel that shows a composited picture; see `shaders/display.wgsl`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::device::Gpu;
use crate::geometry::{Rect, Size};
use crate::media::{Picture, PictureFormat};

pub(super) const SHADER: &str = include_str!("../../shaders/display.wgsl");

/// Most samples of the picture a pixel, across and down. What is shown that small is a thumbnail.
const MAX_TAPS: u32 = 8;

/// Pixels of the picture, across or down, that one bilinear sample stands for: up to here nothing shimmers.
const PER_TAP: f32 = 1.5;

mod gpu_data {
    /// `Params` of `display.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(in crate::gpu) struct DisplayParams {
        pub(super) origin: [f32; 2],
        pub(super) shrink: [f32; 2],
        pub(super) size: [u32; 2],
        pub(super) stride: u32,
        pub(super) pad: u32,
    }
}

use gpu_data::DisplayParams;

/// The NV12 picture of a compositor where it lies, on the GPU. Whoever submits work that reads it finds the newest frame
/// that was submitted before, whole.
#[derive(Clone, Debug)]
pub struct PictureSource {
    pub(super) buffer: wgpu::Buffer,
    pub(super) size: Size,
    pub(super) changes: Arc<AtomicU64>,
}

impl PictureSource {
    /// Size in pixels.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// How often the picture has changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
}

/// Draws pictures into targets of one format.
pub struct Display {
    format: wgpu::TextureFormat,
    module: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    params: wgpu::Buffer,
    /// By the samples a pixel; none where it is exact.
    pipelines: HashMap<Option<u32>, wgpu::RenderPipeline>,
}

impl Display {
    /// A display on targets of this format, which holds sRGB values as they are (no `Srgb` format).
    #[must_use]
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = &gpu.device;
        let source = wgpu::ShaderSource::Wgsl(SHADER.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some("display"), source });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("display"),
            entries: &[
                entry(0, wgpu::BufferBindingType::Uniform),
                entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("display"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let params = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("display"),
            size: size_of::<DisplayParams>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { format, module, layout, pipeline_layout, params, pipelines: HashMap::new() }
    }

    /// Draws the picture into a rectangle of the pass's target, whose edges are whole pixels. One picture a submission.
    pub fn encode(&mut self, gpu: &Gpu, pass: &mut wgpu::RenderPass<'_>, source: &PictureSource, rect: Rect) {
        if rect.width < 1.0 || rect.height < 1.0 {
            return;
        }
        let Size { width, height } = source.size;
        let shrink = [width as f32 / rect.width, height as f32 / rect.height];
        let params = DisplayParams {
            origin: [rect.x, rect.y],
            shrink,
            size: [width, height],
            stride: Picture::stride_of(PictureFormat::Nv12, width),
            pad: 0,
        };
        gpu.queue.write_buffer(&self.params, 0, bytemuck::bytes_of(&params));
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("display"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: self.params.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: source.buffer.as_entire_binding() },
            ],
        });
        pass.set_pipeline(self.pipeline(&gpu.device, taps(shrink)));
        pass.set_bind_group(0, &group, &[]);
        pass.set_viewport(rect.x, rect.y, rect.width, rect.height, 0.0, 1.0);
        pass.draw(0..3, 0..1);
    }

    fn pipeline(&mut self, device: &wgpu::Device, taps: Option<u32>) -> &wgpu::RenderPipeline {
        let Self { format, module, pipeline_layout, .. } = self;
        self.pipelines.entry(taps).or_insert_with(|| {
            // Samples are counted by a constant, so that no loop is left: Mesa's llvmpipe leaks memory in loops.
            let constants =
                [("IS_EXACT", f64::from(u8::from(taps.is_none()))), ("TAPS", f64::from(taps.unwrap_or(1)))];
            let compilation_options =
                wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some("display"),
                layout: Some(pipeline_layout),
                vertex: wgpu::VertexState {
                    module,
                    entry_point: Some("corner"),
                    compilation_options: compilation_options.clone(),
                    buffers: &[],
                },
                primitive: wgpu::PrimitiveState::default(),
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module,
                    entry_point: Some("main"),
                    compilation_options,
                    targets: &[Some((*format).into())],
                }),
                multiview_mask: None,
                cache: None,
            })
        })
    }
}

/// Samples a pixel, across and down; none where a pixel of the target is one of the picture.
fn taps(shrink: [f32; 2]) -> Option<u32> {
    let [across, down] = shrink;
    let most = across.max(down);
    (across != 1.0 || down != 1.0).then(|| ((most / PER_TAP).ceil() as u32).clamp(1, MAX_TAPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_pictures_take_as_many_samples_as_they_shrink() {
        assert_eq!(taps([1.0, 1.0]), None);
        assert_eq!(taps([0.5, 0.5]), Some(1));
        assert_eq!(taps([1.5, 1.5]), Some(1));
        assert_eq!(taps([1.6, 1.0]), Some(2));
        assert_eq!(taps([100.0, 100.0]), Some(MAX_TAPS));
    }
}

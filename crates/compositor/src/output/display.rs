//! The kernel that shows a composited picture; see `shaders/display.wgsl`. It draws only what has changed since the last
//! time, into a texture of its own that windows are given a copy of.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::device::Gpu;
use crate::output::latest_frame::PictureSource;
use crate::tiles::tile_set::TileSet;
use repcast_media::{Picture, PictureFormat, TILE};
use repcast_model::geometry::Size;

pub(crate) const SHADER: &str = include_str!("../../../../shaders/display.wgsl");

/// Most samples of the picture a pixel, across and down. What is shown that small is a thumbnail.
const MAX_TAPS: u32 = 8;

/// Up to here one bilinear sample a pixel is enough: nothing shimmers.
const BILINEAR_SHRINK: f32 = 1.5;

mod gpu_data {
    /// `Params` of `display.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct DisplayParams {
        pub(crate) size: [u32; 2],
        pub(crate) stride: u32,
        pub(crate) tile: u32,
        pub(crate) shown: [f32; 2],
        pub(crate) shrink: [f32; 2],
    }
}

use gpu_data::DisplayParams;

/// How a pixel is sampled: as it is, or by so many samples across and down.
type Sampling = Option<u32>;

/// The kernel, which every display of a device shares.
pub(crate) struct DisplayKernel {
    module: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<(wgpu::TextureFormat, Sampling), wgpu::RenderPipeline>>,
}

impl DisplayKernel {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let label = Some("display");
        let source = wgpu::ShaderSource::Wgsl(SHADER.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source });
        let entry = |binding, visibility, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label,
            entries: &[
                entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT, wgpu::BufferBindingType::Uniform),
                entry(1, wgpu::ShaderStages::FRAGMENT, wgpu::BufferBindingType::Storage { read_only: true }),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        Self { module, layout, pipeline_layout, pipelines: Mutex::default() }
    }

    fn pipeline(&self, device: &wgpu::Device, format: wgpu::TextureFormat, sampling: Sampling) -> wgpu::RenderPipeline {
        // A map that was left by a panicking thread holds whole pipelines all the same.
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        let made = pipelines.entry((format, sampling)).or_insert_with(|| {
            // Samples are counted by a constant, so that no loop is left: Mesa's llvmpipe leaks memory in loops.
            let constants =
                [("IS_EXACT", f64::from(u8::from(sampling.is_none()))), ("TAPS", f64::from(sampling.unwrap_or(1)))];
            let compilation_options = wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
            let tiles = wgpu::VertexBufferLayout {
                array_stride: 4,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![0 => Uint32],
            };
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some("display"),
                layout: Some(&self.pipeline_layout),
                vertex: wgpu::VertexState {
                    module: &self.module,
                    entry_point: Some("corner"),
                    compilation_options: compilation_options.clone(),
                    buffers: &[Some(tiles)],
                },
                primitive: wgpu::PrimitiveState {
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &self.module,
                    entry_point: Some("main"),
                    compilation_options,
                    targets: &[Some(format.into())],
                }),
                multiview_mask: None,
                cache: None,
            })
        });
        made.clone()
    }
}

/// A picture as it is shown at some size.
pub struct Display {
    source: PictureSource,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    group: wgpu::BindGroup,
    pipeline: wgpu::RenderPipeline,
    /// The picture as it was looked at last.
    picture: wgpu::Buffer,
    tiles: wgpu::Buffer,
    is_blank: bool,
}

impl Display {
    /// A display of a picture, of this size, neither side zero, in a format that holds sRGB values as they are (no
    /// `Srgb` format).
    #[must_use]
    pub fn new(gpu: &Gpu, source: &PictureSource, shown: Size, format: wgpu::TextureFormat) -> Self {
        let (device, kernel) = (&gpu.device, gpu.display());
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("display"),
            size: wgpu::Extent3d { width: shown.width, height: shown.height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let buffer = |size, usage| {
            let usage = usage | wgpu::BufferUsages::COPY_DST;
            let descriptor = wgpu::BufferDescriptor { label: Some("display"), size, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        let Size { width, height } = source.size;
        let shrink = [width as f32 / shown.width as f32, height as f32 / shown.height as f32];
        let params = buffer(size_of::<DisplayParams>() as u64, wgpu::BufferUsages::UNIFORM);
        let values = DisplayParams {
            size: [width, height],
            stride: Picture::stride_of(PictureFormat::Nv12, width),
            tile: TILE,
            shown: [shown.width as f32, shown.height as f32],
            shrink,
        };
        gpu.queue.write_buffer(&params, 0, bytemuck::bytes_of(&values));
        let bytes = Picture::len_of(PictureFormat::Nv12, source.size) as u64;
        let picture = buffer(bytes, wgpu::BufferUsages::STORAGE);
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("display"),
            layout: &kernel.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: params.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: picture.as_entire_binding() },
            ],
        });
        Self {
            view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            texture,
            group,
            picture,
            pipeline: kernel.pipeline(device, format, sampling(shrink)),
            tiles: buffer(u64::from(TileSet::full(source.size).len()) * 4, wgpu::BufferUsages::VERTEX),
            is_blank: true,
            source: source.clone(),
        }
    }

    /// Whether it shows this picture at this size.
    #[must_use]
    pub fn is_of(&self, source: &PictureSource, shown: Size) -> bool {
        self.source.is(source) && (self.texture.width(), self.texture.height()) == (shown.width, shown.height)
    }

    /// What it draws into.
    #[must_use]
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// What it shows.
    #[must_use]
    pub fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// Brings it up to date with the work that is submitted next. Of all displays of a picture only one can follow it in
    /// this way.
    pub fn follow(&mut self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder) {
        let (picture, changed) = self.source.take();
        let Some(picture) = picture else { return };
        let is_blank = std::mem::take(&mut self.is_blank);
        self.encode(gpu, encoder, &picture, &if is_blank { TileSet::full(self.source.size) } else { changed });
    }

    /// Draws all of it. What it sees of the source's changes is not missing to whoever follows them.
    pub(crate) fn encode_all(&self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder) {
        if let Some(picture) = self.source.picture() {
            self.encode(gpu, encoder, &picture, &TileSet::full(self.source.size));
        }
    }

    /// Takes over whole rows of tiles, in which the bytes of a picture lie together.
    fn upload(&self, gpu: &Gpu, picture: &Picture, tiles: &TileSet) {
        let bytes = picture.data.bytes();
        let (stride, height) = (picture.stride as usize, picture.size.height as usize);
        let tile = TILE as usize;
        let write = |from: usize, to: usize| gpu.queue.write_buffer(&self.picture, from as u64, &bytes[from..to]);
        let mut last = None;
        for row in tiles.spans().map(|(row, ..)| row as usize) {
            if last.replace(row) == Some(row) {
                continue;
            }
            write(row * tile * stride, ((row + 1) * tile).min(height) * stride);
            let chroma = |row: usize| (height + (row * tile).min(height) / 2) * stride;
            write(chroma(row), chroma(row + 1));
        }
    }

    fn encode(&self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, picture: &Picture, tiles: &TileSet) {
        self.upload(gpu, picture, tiles);
        let records = tiles.records();
        if records.is_empty() {
            return;
        }
        gpu.queue.write_buffer(&self.tiles, 0, bytemuck::cast_slice(&records));
        let ops = wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store };
        let attachment =
            wgpu::RenderPassColorAttachment { view: &self.view, depth_slice: None, resolve_target: None, ops };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("display"),
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.set_vertex_buffer(0, self.tiles.slice(..));
        pass.draw(0..4, 0..records.len() as u32);
    }
}

fn sampling([across, down]: [f32; 2]) -> Sampling {
    let most = across.max(down);
    match most {
        _ if across == 1.0 && down == 1.0 => None,
        _ if most <= BILINEAR_SHRINK => Some(1),
        _ => Some((most.ceil() as u32).clamp(2, MAX_TAPS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_pictures_take_as_many_samples_as_they_shrink() {
        assert_eq!(sampling([1.0, 1.0]), None);
        assert_eq!(
            [0.5, 1.5, 1.6, 2.0, 3.0, 100.0].map(|shrink| sampling([shrink, shrink])),
            [Some(1), Some(1), Some(2), Some(2), Some(3), Some(MAX_TAPS)]
        );
    }
}

//! A composited frame as a window shows it. A display redraws only the tiles that have changed, into a texture that is
//! copied to the window.

use crate::device::GpuContext;
use crate::gpu::Gpu;
use crate::kernels::display::{DisplayParams, Sampling};
use crate::output::latest_frame::LatestFrame;
use crate::tiles::tile_set::TileSet;
use repcast_media::{CompositedFrame, FrameFormat, TILE};
use repcast_model::geometry::Size;

/// Most samples per pixel in each direction. A display that needs more is a thumbnail.
const MAX_TAPS: u32 = 8;

/// Reduction up to which one bilinear sample per pixel shows no aliasing.
const BILINEAR_REDUCTION: f32 = 1.5;

/// A frame shown at some size.
pub struct Display {
    source: LatestFrame,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    group: wgpu::BindGroup,
    pipeline: wgpu::RenderPipeline,
    /// The frame that was drawn last.
    frame: wgpu::Buffer,
    tiles: wgpu::Buffer,
    is_blank: bool,
}

impl Display {
    /// A display of this size, neither side zero, in a format that stores sRGB values unconverted (no `Srgb` format).
    #[must_use]
    pub fn new(gpu: &Gpu, source: &LatestFrame, shown: Size, format: wgpu::TextureFormat) -> Self {
        let (context, kernel) = (&gpu.context, gpu.kernels.display(&gpu.context));
        let device = &context.device;
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
            stride: CompositedFrame::stride_of(FrameFormat::Nv12, width),
            tile: TILE,
            shown: [shown.width as f32, shown.height as f32],
            shrink,
        };
        context.queue.write_buffer(&params, 0, bytemuck::bytes_of(&values));
        let bytes = CompositedFrame::len_of(FrameFormat::Nv12, source.size) as u64;
        let frame = buffer(bytes, wgpu::BufferUsages::STORAGE);
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("display"),
            layout: &kernel.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: params.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: frame.as_entire_binding() },
            ],
        });
        Self {
            view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            texture,
            group,
            frame,
            pipeline: kernel.pipeline(context, format, sampling(shrink)),
            tiles: buffer(u64::from(TileSet::full(source.size).len()) * 4, wgpu::BufferUsages::VERTEX),
            is_blank: true,
            source: source.clone(),
        }
    }

    /// Whether it displays this source at this size.
    #[must_use]
    pub fn is_of(&self, source: &LatestFrame, shown: Size) -> bool {
        self.source.is(source) && (self.texture.width(), self.texture.height()) == (shown.width, shown.height)
    }

    /// A view of [`Self::texture`], to draw over the frame.
    #[must_use]
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// The texture that the frame is drawn into.
    #[must_use]
    pub fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// Records the drawing of the tiles that have changed since the last call. Only one display of a source can follow
    /// it, because the call resets the changed tiles of the source.
    pub fn follow(&mut self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder) {
        let (frame, changed) = self.source.take();
        let Some(frame) = frame else { return };
        let is_blank = std::mem::take(&mut self.is_blank);
        let tiles = if is_blank { TileSet::full(self.source.size) } else { changed };
        self.encode(&gpu.context, encoder, &frame, &tiles);
    }

    /// Records the drawing of the whole frame, without an effect on the changed tiles of the source.
    pub(crate) fn encode_all(&self, context: &GpuContext, encoder: &mut wgpu::CommandEncoder) {
        if let Some(frame) = self.source.picture() {
            self.encode(context, encoder, &frame, &TileSet::full(self.source.size));
        }
    }

    /// Uploads whole rows of tiles, whose bytes are contiguous in a frame.
    fn upload(&self, context: &GpuContext, frame: &CompositedFrame, tiles: &TileSet) {
        let bytes = frame.data.bytes();
        let (stride, height) = (frame.stride as usize, frame.size.height as usize);
        let tile = TILE as usize;
        let write = |from: usize, to: usize| context.queue.write_buffer(&self.frame, from as u64, &bytes[from..to]);
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

    fn encode(
        &self,
        context: &GpuContext,
        encoder: &mut wgpu::CommandEncoder,
        frame: &CompositedFrame,
        tiles: &TileSet,
    ) {
        self.upload(context, frame, tiles);
        let records = tiles.records();
        if records.is_empty() {
            return;
        }
        context.queue.write_buffer(&self.tiles, 0, bytemuck::cast_slice(&records));
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

fn sampling([horizontal, vertical]: [f32; 2]) -> Sampling {
    let reduction = horizontal.max(vertical);
    match reduction {
        _ if horizontal == 1.0 && vertical == 1.0 => None,
        _ if reduction <= BILINEAR_REDUCTION => Some(1),
        _ => Some((reduction.ceil() as u32).clamp(2, MAX_TAPS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_frames_take_as_many_samples_as_the_reduction() {
        assert_eq!(sampling([1.0, 1.0]), None);
        assert_eq!(
            [0.5, 1.5, 1.6, 2.0, 3.0, 100.0].map(|shrink| sampling([shrink, shrink])),
            [Some(1), Some(1), Some(2), Some(2), Some(3), Some(MAX_TAPS)]
        );
    }
}

//! The conversion of composited frames for the preview window, at several sizes: updated tile by tile it equals a complete
//! conversion, byte for byte, and a second implementation on the CPU within one level.

use std::path::Path;
use std::sync::Arc;

use repcast_compositor::{Compositor, Display, Gpu, Tracking};
use repcast_engine::clips::{ClipOptions, ClipReader};
use repcast_engine::open::OpenDocument;
use repcast_media::{CompositedFrame, FrameFormat};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::geometry::Size;

const CANVAS: Size = Size { width: 200, height: 112 };

/// Native size, slightly reduced, half, a quarter, enlarged, and another aspect ratio.
const SHOWN_SIZES: [(u32, u32); 6] = [(200, 112), (150, 84), (100, 56), (50, 28), (331, 185), (90, 112)];

/// Frames that are drawn.
const FRAMES: u64 = 14;

/// Text, a timer of tenths and a bar: from frame to frame some tiles change, and most do not.
fn project() -> OpenDocument {
    let document = r##"{"canvas": {"width": 200, "height": 112, "fps": 10, "background": "#0e7490"}, "duration": 3, "layers": [
        {"type": "progress", "rect": [7, 80, 180, 21], "color": "#f59e0b", "track": "#7c3aed"},
        {"type": "text", "text": "Mirror", "size": 30, "position": [5, 5], "color": "#f43f5e"},
        {"type": "text", "text": "now", "size": 25, "position": [100, 50], "start": 0.5, "duration": 0.4},
        {"type": "timer", "position": [195, 3], "anchor": "top-right", "size": 25, "format": "ss", "start": 0.2}]}"##;
    let parsed = document::parse(document.as_bytes()).unwrap();
    OpenDocument::open(&parsed, Path::new(""), &Catalogue::default()).unwrap()
}

#[test]
fn a_display_updated_by_tiles_equals_a_complete_one() {
    let gpu = Gpu::open(None).unwrap();
    let project = project();
    for (width, height) in SHOWN_SIZES {
        let shown = Size { width, height };
        let timeline = &project.timeline;
        let (canvas, background, format) = (timeline.canvas, timeline.background, FrameFormat::Nv12);
        assert_eq!((canvas.width, canvas.height), (CANVAS.width, CANVAS.height));
        let mut compositor = Compositor::new(&gpu, canvas, background, format, Tracking::On).unwrap();
        let source = compositor.source().unwrap();
        let mut updated = Display::new(&gpu, &source, shown, wgpu::TextureFormat::Rgba8Unorm);
        let mut feeder = ClipReader::new(&project, ClipOptions::offline());
        let mut frame = None;
        let mut changes = source.changes();
        for number in 0..FRAMES {
            let plan = timeline.plan(number);
            compositor.draw(&plan, &feeder.frames(&plan)).unwrap();
            frame = compositor.take().unwrap();
            // Displays that skip frames show all changes since their last update.
            if number % 3 != 1 {
                pixels(&gpu, &mut updated);
            }
            assert!(source.changes() >= changes);
            changes = source.changes();
        }
        let last = pixels(&gpu, &mut updated);
        let mut complete = Display::new(&gpu, &source, shown, wgpu::TextureFormat::Rgba8Unorm);
        assert!(last == pixels(&gpu, &mut complete), "{width}x{height}: the updated display differs");
        assert!(updated.is_of(&source, shown) && !updated.is_of(&source, Size { width: 1, height: 1 }));
        let twin = twin(&frame.unwrap(), shown);
        let worst =
            last.iter().zip(&twin).map(|(found, expected)| (f64::from(*found) - expected).abs()).fold(0.0, f64::max);
        assert!(worst < 1.01, "{width}x{height}: differs by {worst}");
    }
}

/// Updates a display and reads back red, green and blue of its pixels.
fn pixels(gpu: &Arc<Gpu>, display: &mut Display) -> Vec<u8> {
    let device = gpu.device();
    let size = display.texture().size();
    let row_bytes = (size.width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(row_bytes * size.height),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    display.follow(gpu, &mut encoder);
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row_bytes), rows_per_image: None };
    let target = wgpu::TexelCopyBufferInfo { buffer: &buffer, layout };
    encoder.copy_texture_to_buffer(display.texture().as_image_copy(), target, size);
    gpu.queue().submit([encoder.finish()]);
    buffer.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let view = buffer.get_mapped_range(..).unwrap();
    let rows = view.chunks_exact(row_bytes as usize).flat_map(|row| row[..size.width as usize * 4].chunks_exact(4));
    rows.flat_map(|pixel| pixel[..3].to_vec()).collect()
}

/// The shown frame in simple arithmetic: ITU-R BT.709, limited range; luma interpolated between four pixels, or the mean of a
/// grid of pixels where the frame is reduced more than 1.5 times; chroma of the nearest sample.
fn twin(frame: &CompositedFrame, shown: Size) -> Vec<f64> {
    let bytes = frame.data.bytes();
    let (stride, size) = (frame.stride as usize, frame.size);
    let luma = |x: f64, y: f64| {
        let (x, y) = (x.clamp(0.0, f64::from(size.width - 1)), y.clamp(0.0, f64::from(size.height - 1)));
        f64::from(bytes[y as usize * stride + x as usize])
    };
    let shrink = [f64::from(size.width) / f64::from(shown.width), f64::from(size.height) / f64::from(shown.height)];
    let most = shrink[0].max(shrink[1]);
    let scaled_luma = |x: f64, y: f64| {
        if shrink == [1.0, 1.0] {
            return luma(x, y);
        }
        if most <= 1.5 {
            let [left, top] =
                [(x, size.width), (y, size.height)].map(|(at, side)| (at - 0.5).clamp(0.0, f64::from(side - 1)));
            let (across, down) = (left.fract(), top.fract());
            let row = |y: f64| luma(left, y) * (1.0 - across) + luma(left + 1.0, y) * across;
            return row(top) * (1.0 - down) + row(top + 1.0) * down;
        }
        let taps = most.ceil() as u32;
        let offset = |tap: u32| (f64::from(tap) + 0.5) / f64::from(taps) - 0.5;
        let grid =
            (0..taps * taps).map(|tap| luma(x + offset(tap % taps) * shrink[0], y + offset(tap / taps) * shrink[1]));
        grid.sum::<f64>() / f64::from(taps * taps)
    };
    let mut rgb = Vec::new();
    for row in 0..shown.height {
        for column in 0..shown.width {
            let (x, y) = ((f64::from(column) + 0.5) * shrink[0], (f64::from(row) + 0.5) * shrink[1]);
            let pair = stride * (size.height as usize + y as usize / 2) + x as usize / 2 * 2;
            let [cb, cr] = [bytes[pair], bytes[pair + 1]].map(|value| (f64::from(value) - 128.0) / 224.0);
            let luma = (scaled_luma(x, y) - 16.0) / 219.0;
            let (red, blue) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
            let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
            rgb.extend([red, green, blue].map(|value| value.clamp(0.0, 1.0) * 255.0));
        }
    }
    rgb
}

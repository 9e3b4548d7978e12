//! What a window is given: the composited picture at its own size and scaled, drawn tile by tile as it changes, beside the
//! same drawn at once and beside a twin on the CPU.


use std::path::Path;
use std::sync::Arc;

use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::geometry::Size;
use repcast_compositor::{Compositor, Display, Gpu, Tracking};
use repcast_media::{Picture, PictureFormat};
use repcast_engine::open::Project;
use repcast_engine::clips::Feeder;

const CANVAS: Size = Size { width: 200, height: 112 };

/// Shown as it is, a little smaller, to the half, much smaller, larger, and in another shape.
const SHOWN: [(u32, u32); 6] = [(200, 112), (150, 84), (100, 56), (50, 28), (331, 185), (90, 112)];

/// Frames that are followed.
const FRAMES: u64 = 14;

/// Text, a timer of tenths and a bar: from frame to frame some tiles change, and most do not.
fn project() -> Project {
    let document = r##"{"canvas": {"width": 200, "height": 112, "fps": 10, "background": "#0e7490"}, "duration": 3, "layers": [
        {"type": "progress", "rect": [7, 80, 180, 21], "color": "#f59e0b", "track": "#7c3aed"},
        {"type": "text", "text": "Mirror", "size": 30, "position": [5, 5], "color": "#f43f5e"},
        {"type": "text", "text": "now", "size": 25, "position": [100, 50], "start": 0.5, "duration": 0.4},
        {"type": "timer", "position": [195, 3], "anchor": "top-right", "size": 25, "format": "ss", "start": 0.2}]}"##;
    let parsed = document::parse(document.as_bytes()).unwrap();
    Project::open(&parsed, Path::new(""), &Catalogue::default()).unwrap()
}

#[test]
fn what_is_shown_is_the_picture_however_it_came_about() {
    let gpu = Gpu::open(None).unwrap();
    let project = project();
    for (width, height) in SHOWN {
        let shown = Size { width, height };
        let timeline = &project.timeline;
        let (canvas, background, format) = (timeline.canvas, timeline.background, PictureFormat::Nv12);
        assert_eq!((canvas.width, canvas.height), (CANVAS.width, CANVAS.height));
        let mut compositor = Compositor::new(&gpu, canvas, background, format, Tracking::On).unwrap();
        let source = compositor.source().unwrap();
        let mut followed = Display::new(&gpu, &source, shown, wgpu::TextureFormat::Rgba8Unorm);
        let mut feeder = Feeder::new(&project);
        let mut picture = None;
        let mut changes = source.changes();
        for frame in 0..FRAMES {
            let plan = timeline.plan(frame);
            compositor.draw(&plan, &feeder.frames(&plan)).unwrap();
            picture = compositor.take().unwrap();
            // Whoever looks only now and then sees all that has changed since.
            if frame % 3 != 1 {
                pixels(&gpu, &mut followed);
            }
            assert!(source.changes() >= changes);
            changes = source.changes();
        }
        let at_last = pixels(&gpu, &mut followed);
        let mut anew = Display::new(&gpu, &source, shown, wgpu::TextureFormat::Rgba8Unorm);
        assert!(at_last == pixels(&gpu, &mut anew), "{width}x{height}: what was followed differs");
        assert!(followed.is_of(&source, shown) && !followed.is_of(&source, Size { width: 1, height: 1 }));
        let twin = twin(&picture.unwrap(), shown);
        let worst = at_last.iter().zip(&twin).map(|(is, wanted)| (f64::from(*is) - wanted).abs()).fold(0.0, f64::max);
        assert!(worst < 1.01, "{width}x{height}: differs by {worst}");
    }
}

/// Brings a display up to date and reads its red, green and blue.
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

/// The picture as it is shown, in plain arithmetic: ITU-R BT.709, limited range; light between four pixels, or the mean of
/// a grid of them where it shrinks by more than a half; color of the nearest cell.
fn twin(picture: &Picture, shown: Size) -> Vec<f64> {
    let bytes = picture.data.bytes();
    let (stride, size) = (picture.stride as usize, picture.size);
    let luma = |x: f64, y: f64| {
        let (x, y) = (x.clamp(0.0, f64::from(size.width - 1)), y.clamp(0.0, f64::from(size.height - 1)));
        f64::from(bytes[y as usize * stride + x as usize])
    };
    let shrink = [f64::from(size.width) / f64::from(shown.width), f64::from(size.height) / f64::from(shown.height)];
    let most = shrink[0].max(shrink[1]);
    let light = |x: f64, y: f64| {
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
            let luma = (light(x, y) - 16.0) / 219.0;
            let (red, blue) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
            let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
            rgb.extend([red, green, blue].map(|value| value.clamp(0.0, 1.0) * 255.0));
        }
    }
    rgb
}

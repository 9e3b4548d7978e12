//! Parts of an animated PNG (PNG, third edition, 11.3.5).

use std::io::{BufRead, Seek, SeekFrom};

use image::RgbaImage;
use png::{BlendOp, ColorType, Decoder, DisposeOp, Limits, Reader, Transformations};

use super::super::profile::ColorDescription;
use super::super::{MAX_PICTURE_BYTES, png::named_space};
use super::canvas::{Disposal, Part};
use super::{Delay, MAX_FRAMES, Parts, read_array, skip};

pub(super) struct Apng<R: BufRead + Seek> {
    reader: Reader<R>,
    /// Frames of the animation that have not been read.
    left: u32,
    /// Whether the next image is the default image, which is not part of the animation.
    has_default_image: bool,
    named: Option<moxcms::ColorProfile>,
}

/// Canvas size and frame delays, from the frame control chunks.
pub(super) fn delays(mut file: impl BufRead + Seek) -> Result<((u32, u32), Vec<Delay>), String> {
    let (mut size, mut frames, mut delays) = ((0, 0), 0, Vec::new());
    skip(&mut file, 8)?;
    while let Some(header) = read_array::<8>(&mut file)? {
        let [a, b, c, d, name @ ..] = header;
        let mut left = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
        match &name {
            b"IHDR" | b"acTL" => {
                let Some([a, b, c, d, e, f, g, h]) = read_array(&mut file)? else { break };
                let numbers = [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])];
                if &name == b"IHDR" {
                    size = (numbers[0], numbers[1]);
                } else {
                    frames = numbers[0] as usize;
                }
                left = left.saturating_sub(8);
            }
            b"fcTL" => {
                let Some(control) = read_array::<26>(&mut file)? else { break };
                let number = |at: usize| u64::from(u16::from_be_bytes([control[at], control[at + 1]]));
                let denominator = if number(22) == 0 { 100 } else { number(22) };
                delays.push(Delay { numerator: number(20), denominator });
                left = left.saturating_sub(26);
            }
            // Without an acTL chunk before IDAT, the file is not an animation.
            b"IDAT" if frames == 0 => break,
            b"IEND" => break,
            _ => {}
        }
        if delays.len() > MAX_FRAMES {
            break;
        }
        skip(&mut file, left)?;
    }
    delays.truncate(frames);
    Ok((size, delays))
}

impl<R: BufRead + Seek> Apng<R> {
    pub(super) fn open(mut file: R) -> Result<Self, String> {
        let named = named_space(&mut file);
        file.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
        let bytes = usize::try_from(MAX_PICTURE_BYTES).unwrap_or(usize::MAX);
        let mut decoder = Decoder::new_with_limits(file, Limits { bytes });
        decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let reader = decoder.read_info().map_err(|error| error.to_string())?;
        let info = reader.info();
        let left = info.animation_control().map_or(0, |control| control.num_frames);
        let has_default_image = info.frame_control().is_none();
        Ok(Self { reader, left, has_default_image, named })
    }

    /// Decodes the next image. Rows of interlaced images have the stride of the whole canvas.
    fn decode(&mut self) -> Result<RgbaImage, String> {
        let bytes = self.reader.output_buffer_size().ok_or("a frame is too large")?;
        let mut samples = vec![0; bytes];
        let output = self.reader.next_frame(&mut samples).map_err(|error| error.to_string())?;
        let whole = self.reader.output_line_size(self.reader.info().width).unwrap_or(output.line_size);
        let stride = if self.reader.info().interlaced { whole } else { output.line_size };
        let rows = samples.chunks_exact(stride).take(output.height as usize).map(|row| &row[..output.line_size]);
        let pixels = match output.color_type {
            ColorType::Rgba => rows.flatten().copied().collect(),
            ColorType::GrayscaleAlpha => {
                rows.flat_map(|row| row.chunks_exact(2)).flat_map(|gray| [gray[0], gray[0], gray[0], gray[1]]).collect()
            }
            other => return Err(format!("unexpected color type {other:?}")),
        };
        RgbaImage::from_raw(output.width, output.height, pixels).ok_or_else(|| "a frame without pixels".to_owned())
    }
}

impl<R: BufRead + Seek + Send> Parts for Apng<R> {
    fn next(&mut self) -> Result<Option<Part>, String> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        if std::mem::take(&mut self.has_default_image) {
            self.decode()?;
        }
        let pixels = self.decode()?;
        self.left = left;
        let control = self.reader.info().frame_control().ok_or("a frame without a frame control chunk")?;
        let disposal = match control.dispose_op {
            DisposeOp::None => Disposal::Keep,
            DisposeOp::Background => Disposal::Clear,
            // For the first frame this equals `Background`, as in the standard: the canvas was transparent before.
            DisposeOp::Previous => Disposal::Restore,
        };
        let is_blended = control.blend_op == BlendOp::Over;
        Ok(Some(Part { left: control.x_offset, top: control.y_offset, pixels, is_blended, disposal }))
    }

    fn color_description(&self) -> Option<ColorDescription> {
        if let Some(named) = &self.named {
            return Some(ColorDescription::Named(Box::new(named.clone())));
        }
        self.reader.info().icc_profile.as_ref().map(|profile| ColorDescription::Icc(profile.to_vec()))
    }
}

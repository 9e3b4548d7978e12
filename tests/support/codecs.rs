//! The formats of clips as ffmpeg writes them, and the colors that ffmpeg decodes from them.

use std::path::Path;

use super::ffmpeg::{decode, ffprobe_json};
use super::fixture::{fixture, folder};
use super::picture::Picture;
use super::yuv::{Frame, Matrix, Planar};

/// Frames in a clip made here, at 30 frames a second.
pub(crate) const CLIP_FRAMES: usize = 3;

/// A container, a codec and its sample format.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    /// The end of the file name; image sequences have a pattern.
    pub(crate) ending: &'static str,
    /// ffmpeg's options for the output.
    pub(crate) args: &'static [&'static str],
    /// ffmpeg's options before the input.
    pub(crate) before_input: &'static [&'static str],
    /// How a decoder outputs its samples.
    pub(crate) samples: Samples,
    /// Largest difference of decoded from encoded colors, in levels.
    pub(crate) loss: f64,
}

/// The samples that a decoder outputs.
#[derive(Clone, Copy)]
pub(crate) enum Samples {
    /// Red, green and blue in some order and depth.
    Rgb,
    /// Limited-range planes.
    Yuv { pix_fmt: &'static str, depth: u32, chroma_shift: usize, matrix: Matrix },
}

/// The first frame of a clip, by ffmpeg's decoder.
pub(crate) enum Decoded {
    Rgba(Picture),
    Yuv(Frame),
}

const LOSSLESS: Codec = Codec { ending: "", args: &[], before_input: &[], samples: Samples::Rgb, loss: 0.0 };

/// Two dimensions of chroma are halved and the planes are 8 bits deep.
const YUVA_420: Samples = Samples::Yuv { pix_fmt: "yuva420p", depth: 8, chroma_shift: 1, matrix: Matrix::Bt601 };

pub(crate) const QTRLE_ARGB: Codec =
    Codec { ending: "-argb.mov", args: &["-c:v", "qtrle", "-pix_fmt", "argb"], ..LOSSLESS };

pub(crate) const PNG_MOV: Codec = Codec { ending: "-png.mov", args: &["-c:v", "png", "-pix_fmt", "rgba"], ..LOSSLESS };

pub(crate) const STILL_PNG: Codec = Codec { ending: ".png", args: &["-pix_fmt", "rgba", "-frames:v", "1"], ..LOSSLESS };

pub(crate) const NUMBERED_PNG: Codec =
    Codec { ending: "/%05d.png", args: &["-pix_fmt", "rgba", "-start_number", "0"], ..LOSSLESS };

/// The filter for both ProRes profiles. The encoder takes the color properties of the frames, not those of the options.
const PRORES_FILTER: &str = "scale=out_color_matrix=bt709:out_range=tv,format=yuva444p10le,\
    setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";

pub(crate) const PRORES_4444_XQ: Codec = Codec {
    ending: "-prores-xq.mov",
    args: &["-vf", PRORES_FILTER, "-c:v", "prores_ks", "-profile:v", "4444xq", "-qscale:v", "2"],
    ..PRORES_4444
};

pub(crate) const PRORES_4444: Codec = Codec {
    ending: "-prores.mov",
    args: &["-vf", PRORES_FILTER, "-c:v", "prores_ks", "-profile:v", "4444", "-qscale:v", "2"],
    before_input: &[],
    samples: Samples::Yuv { pix_fmt: "yuva444p12le", depth: 12, chroma_shift: 0, matrix: Matrix::Bt709 },
    loss: 3.0,
};

/// VP8 does not signal a matrix; its specification defines BT.601.
pub(crate) const VP8_WEBM: Codec = Codec {
    ending: "-vp8.webm",
    args: &[
        "-vf",
        "scale=out_color_matrix=bt601:out_range=tv,format=yuva420p",
        "-c:v",
        "libvpx",
        "-auto-alt-ref",
        "0",
        "-crf",
        "4",
        "-qmax",
        "10",
        "-b:v",
        "8M",
        "-colorspace",
        "smpte170m",
        "-color_range",
        "tv",
    ],
    before_input: &["-c:v", "libvpx"],
    samples: YUVA_420,
    loss: 8.0,
};

pub(crate) const VP9_WEBM: Codec = Codec {
    ending: "-vp9.webm",
    args: &[
        "-vf",
        "scale=out_color_matrix=bt601:out_range=tv,format=yuva420p",
        "-c:v",
        "libvpx-vp9",
        "-crf",
        "4",
        "-qmax",
        "10",
        "-b:v",
        "0",
        "-cpu-used",
        "5",
        "-colorspace",
        "smpte170m",
        "-color_range",
        "tv",
    ],
    before_input: &["-c:v", "libvpx-vp9"],
    samples: YUVA_420,
    loss: 8.0,
};

impl Codec {
    /// Writes an image as a clip of [`CLIP_FRAMES`] equal frames, once; returns its path relative to the documents.
    pub(crate) fn write(&self, name: &str, picture: &Picture) -> String {
        let src = format!("{name}{}", self.ending);
        fixture(&src, |out| picture.encode(CLIP_FRAMES, self.args, out));
        src
    }

    /// Reads the first frame of a clip of this format.
    pub(crate) fn read(&self, src: &str, width: usize, height: usize) -> Decoded {
        let path = folder().join(src);
        if let Samples::Yuv { matrix, .. } = self.samples {
            let stated = &ffprobe_json(&path)["streams"][0]["color_space"];
            assert_eq!(stated, matrix.name(), "matrix that {src} states");
        }
        match self.samples {
            Samples::Rgb => Decoded::Rgba(rgba(&path, self.before_input, width, height)),
            Samples::Yuv { pix_fmt, depth, chroma_shift, matrix } => {
                let planar = Planar { width, height, depth, chroma_shift, alpha: true, matrix, full_range: false };
                Decoded::Yuv(planar.first_frame(&path, self.before_input, Some(pix_fmt)))
            }
        }
    }
}

impl Decoded {
    /// Red, green, blue and alpha at a pixel, from 0 to 255.
    pub(crate) fn rgba_at(&self, x: usize, y: usize) -> [f64; 4] {
        match self {
            Self::Rgba(picture) => picture.at(x, y).map(f64::from),
            Self::Yuv(frame) => frame.rgba_at(x, y),
        }
    }
}

fn rgba(path: &Path, before_input: &[&str], width: usize, height: usize) -> Picture {
    let rgba = decode(path, before_input, Some("rgba"), width * height * 4).swap_remove(0);
    Picture { width, height, rgba }
}

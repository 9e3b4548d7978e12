//! The inputs of the programs: clips, a background image, documents, and raw frames for x264; and the command line of repcast.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::measure::run;
use crate::options::Options;
use crate::{CRF, Result, ffmpeg};

pub(crate) const FPS: u32 = 30;

/// One of the three exercises.
pub(crate) struct Clip {
    id: &'static str,
    file: &'static str,
    pub(crate) name: &'static str,
    /// Speed as a decimal number.
    pub(crate) speed: &'static str,
}

impl Clip {
    /// Its path relative to the folder of inputs.
    fn name_as(&self, codec: Codec) -> String {
        let stem = self.file.trim_end_matches("mov");
        format!("{}/{stem}{}", self.id, codec.options().0)
    }
}

pub(crate) const CLIPS: [Clip; 3] = [
    Clip { id: "pushups", file: "push_ups.mov", name: "Push-ups", speed: "1.0" },
    Clip { id: "air_squat", file: "air_squat.mov", name: "Air squat", speed: "1.2" },
    Clip { id: "jumping_jacks", file: "jumping_jacks.mov", name: "Jumping jacks", speed: "0.8" },
];

/// The codec of the clips.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Qtrle,
    Vp9,
    ProRes,
}

impl Codec {
    /// File extension, ffmpeg options to encode it, and ffmpeg options to decode it with alpha.
    fn options(self) -> (&'static str, &'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Qtrle => ("mov", &[], &[]),
            Self::Vp9 => (
                "webm",
                &[
                    "-c:v",
                    "libvpx-vp9",
                    "-pix_fmt",
                    "yuva420p",
                    "-b:v",
                    "4M",
                    "-deadline",
                    "realtime",
                    "-cpu-used",
                    "8",
                ],
                &["-c:v", "libvpx-vp9"],
            ),
            Self::ProRes => {
                ("prores.mov", &["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"], &[])
            }
        }
    }
}

/// Size and length of a video. The three exercises are repeated when it has more clips.
#[derive(Clone, Copy)]
pub(crate) struct Job {
    pub(crate) frames_per_clip: u32,
    pub(crate) clips: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
    pub(crate) codec: Codec,
    /// All clips are shown at the same time, side by side.
    pub(crate) at_once: bool,
}

impl Job {
    /// Three exercises one after the other at 1080p30.
    pub(crate) const fn reference(frames_per_clip: u32) -> Self {
        Self { frames_per_clip, clips: 3, width: 1920, height: 1080, fps: 30, codec: Codec::Qtrle, at_once: false }
    }

    pub(crate) fn frames(&self) -> u32 {
        self.frames_per_clip * if self.at_once { 3 } else { self.clips }
    }

    /// The frames in which a clip is visible.
    pub(crate) fn frames_of(&self, clip: u32) -> Range<u32> {
        if self.at_once { 0..self.frames() } else { clip * self.frames_per_clip..(clip + 1) * self.frames_per_clip }
    }

    /// A width for 1920x1080, scaled to the canvas.
    pub(crate) fn across(&self, pixels: u32) -> u32 {
        pixels * self.width / 1920
    }

    pub(crate) fn down(&self, pixels: u32) -> u32 {
        pixels * self.height / 1080
    }

    /// A size of text and lines, scaled by the smaller factor.
    pub(crate) fn size(&self, pixels: u32) -> u32 {
        self.across(pixels).min(self.down(pixels))
    }

    /// The rectangle of a clip: the whole canvas, or a quarter.
    pub(crate) fn rect(&self, clip: u32) -> [u32; 4] {
        let (width, height) = (self.width / 2, self.height / 2);
        if self.at_once {
            [clip % 2 * width, clip / 2 * height, width, height]
        } else {
            [0, 0, self.width, self.height]
        }
    }
}

/// The folder of all inputs and outputs, `target/bench`.
pub(crate) struct Inputs {
    folder: PathBuf,
}

impl Inputs {
    /// Makes the inputs that do not exist yet.
    pub(crate) fn make() -> Result<Self> {
        let profile = Path::new(env!("CARGO_BIN_EXE_repcast")).parent().ok_or("no build folder")?;
        let folder = profile.parent().ok_or("no build folder")?.join("bench");
        fs::create_dir_all(folder.join("out"))?;
        let inputs = Self { folder };
        for clip in &CLIPS {
            if Path::new(&inputs.clip(clip)).exists() {
                continue;
            }
            eprintln!("bench: drawing the clip {}", clip.id);
            let figures = profile.join("figures").display().to_string();
            run(&words(&[&figures, "--out", &inputs.path(""), "--canvas", "1920x1080", "--only", clip.id]))?;
        }
        if !Path::new(&inputs.background()).exists() {
            let source =
                "gradients=size=1920x1080:n=3:c0=0x182848:c1=0x2c5a78:c2=0x4b86a0:x0=0:y0=0:x1=1919:y1=1079:seed=1";
            let command =
                ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", &inputs.background()];
            run(&words(&command))?;
        }
        Ok(inputs)
    }

    /// An absolute path in the folder, for command lines.
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(crate) fn folder(&self) -> String {
        self.path("")
    }

    pub(crate) fn clip(&self, clip: &Clip) -> String {
        self.path(&clip.name_as(Codec::Qtrle))
    }

    /// ffmpeg's words for reading a clip.
    pub(crate) fn clip_input(&self, clip: &Clip, codec: Codec) -> Vec<String> {
        let mut input = words(codec.options().2);
        input.extend(words(&["-i", &self.path(&clip.name_as(codec))]));
        input
    }

    /// Makes the clips in another codec, if they are not there yet.
    pub(crate) fn make_clips(&self, codec: Codec) -> Result<()> {
        let (_, encode, _) = codec.options();
        for clip in CLIPS.iter().filter(|_| codec != Codec::Qtrle) {
            let path = self.path(&clip.name_as(codec));
            if Path::new(&path).exists() {
                continue;
            }
            eprintln!("bench: encoding {path}");
            let mut command = words(&["ffmpeg", "-v", "error", "-y", "-i", &self.clip(clip)]);
            command.extend(words(encode));
            command.push(path);
            run(&command)?;
        }
        Ok(())
    }

    /// The clip of the second job: opaque, with motion everywhere.
    pub(crate) fn moving(&self) -> Result<String> {
        let path = self.path("moving.mp4");
        if !Path::new(&path).exists() {
            let source = "testsrc2=size=1920x1080:rate=30:duration=30,noise=c0s=3:c0f=t,format=yuv420p";
            let mut command = words(&["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264"]);
            command.extend(words(&["-preset", "veryfast", "-crf", "23", "-g", "60", "-colorspace", "bt709"]));
            command.extend(words(&["-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv", &path]));
            run(&command)?;
        }
        Ok(path)
    }

    /// The document of the second job: the clip, a line of text, a bar.
    pub(crate) fn moving_document(&self, job: &Job) -> Result<String> {
        self.moving()?;
        let secs = job.frames() / FPS;
        let document = json!({"canvas": {"width": 1920, "height": 1080, "fps": FPS}, "duration": secs, "layers": [
            {"type": "clip", "src": "moving.mp4"},
            {"type": "text", "text": "Warm-up run", "size": 72, "weight": 700, "position": [60, 60]},
            {"type": "progress", "rect": [20, 1040, 1880, 10]}]});
        let path = self.path("moving.json");
        fs::write(&path, document.to_string())?;
        Ok(path)
    }

    pub(crate) fn background(&self) -> String {
        self.path("background.png")
    }

    pub(crate) fn ready_frames(&self) -> String {
        self.path("ready.nv12")
    }

    pub(crate) fn output(&self, name: &str) -> String {
        self.path(&format!("out/{name}.mp4"))
    }

    /// repcast's command line, with x264 as the encoder, because ffmpeg uses it too.
    pub(crate) fn repcast(&self, document: &str, output: &str, preset: &str, options: &Options) -> Vec<String> {
        let mut command = words(&[&options.repcast, "render", document, "--output", output, "--json"]);
        command.extend(words(&["--encoder", "x264enc", "--preset", preset, "--crf", CRF]));
        if let Some(adapter) = &options.adapter {
            command.extend(words(&["--adapter", adapter]));
        }
        command
    }

    /// Writes the document of a job; returns its path.
    pub(crate) fn document(&self, job: &Job, name: &str) -> Result<String> {
        let mut layers = vec![json!({"type": "image", "src": "background.png", "fit": "cover"})];
        let mut names = Vec::new();
        for (number, clip) in (0..job.clips).zip(CLIPS.iter().cycle()) {
            let time = job.frames_of(number);
            let start = format!("{}/{}", time.start, job.fps);
            let duration = format!("{}/{}", time.len(), job.fps);
            let speed: Value = serde_json::from_str(clip.speed)?;
            let rect = job.rect(number);
            layers.push(json!({"type": "clip", "src": clip.name_as(job.codec), "loop": true, "rect": rect,
                "speed": speed, "start": start, "duration": duration}));
            names.push(json!({"type": "text", "text": clip.name, "size": job.size(72), "weight": 700,
                "position": [rect[0] + job.across(60), rect[1] + job.down(60)], "start": start, "duration": duration}));
        }
        layers.append(&mut names);
        layers.push(json!({"type": "timer", "mode": "elapsed", "format": "mm:ss", "size": job.size(48), "weight": 700,
            "position": [job.across(1860), job.down(40)], "anchor": "top-right"}));
        if job.at_once {
            layers.push(json!({"type": "text", "text": "Circuit", "size": job.size(72), "weight": 700,
                "position": [job.across(840), job.down(500)]}));
        }
        let bar = [job.across(20), job.down(1040), job.across(1880), job.down(10)];
        layers.push(json!({"type": "progress", "rect": bar}));
        let document = json!({
            "canvas": {"width": job.width, "height": job.height, "fps": job.fps},
            "duration": format!("{}/{}", job.frames(), job.fps),
            "layers": layers,
        });
        let path = self.path(&format!("{name}.json"));
        fs::write(&path, serde_json::to_string_pretty(&document)?)?;
        Ok(path)
    }

    /// Makes raw frames for x264 alone: the first 50 of each exercise, because all 900 would take 2.8 GB. They are decoded from a
    /// nearly lossless render.
    pub(crate) fn make_ready_frames(&self, options: &Options) -> Result<()> {
        if Path::new(&self.ready_frames()).exists() {
            return Ok(());
        }
        eprintln!("bench: preparing frames for x264 alone");
        let per_clip = ffmpeg::READY_FRAMES / 3;
        let job = Job::reference(per_clip);
        let document = self.document(&job, "ready")?;
        let video = self.output("ready");
        let mut command = self.repcast(&document, &video, "ultrafast", options);
        for value in &mut command {
            // Only the value of --crf is equal to `CRF`.
            if value == CRF {
                *value = "1".to_owned();
            }
        }
        run(&command)?;
        // Renamed when complete, so that an interrupted run leaves no partial file.
        let part = self.path("ready.part");
        run(&words(&["ffmpeg", "-v", "error", "-y", "-i", &video, "-f", "rawvideo", "-pix_fmt", "nv12", &part]))?;
        fs::rename(part, self.ready_frames())?;
        Ok(())
    }
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

//! What the programs read: clips, a background picture, documents, and ready frames for x264; and the command line of
//! repcast, which makes some of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::measure::run;
use crate::options::Options;
use crate::{CRF, Result, ffmpeg, frames_of_clip};

pub(crate) const FPS: u32 = 30;

/// One of the three exercises.
pub(crate) struct Clip {
    id: &'static str,
    file: &'static str,
    pub(crate) name: &'static str,
    /// As the document and ffmpeg's filters write it.
    pub(crate) speed: &'static str,
}

pub(crate) const CLIPS: [Clip; 3] = [
    Clip { id: "pushups", file: "push_ups.mov", name: "Push-ups", speed: "1.0" },
    Clip { id: "air_squat", file: "air_squat.mov", name: "Air squat", speed: "1.2" },
    Clip { id: "jumping_jacks", file: "jumping_jacks.mov", name: "Jumping jacks", speed: "0.8" },
];

/// Size and length of a video. The exercises take turns when it has more clips than there are.
pub(crate) struct Job {
    pub(crate) frames_per_clip: u32,
    pub(crate) clips: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Job {
    pub(crate) fn frames(&self) -> u32 {
        self.frames_per_clip * self.clips
    }
}

/// The folder that holds everything, `target/bench`.
pub(crate) struct Inputs {
    folder: PathBuf,
}

impl Inputs {
    /// Makes what is not there yet.
    pub(crate) fn make() -> Result<Self> {
        let profile = Path::new(env!("CARGO_BIN_EXE_repcast")).parent().ok_or("no build folder")?;
        let folder = profile.parent().ok_or("no build folder")?.join("bench");
        fs::create_dir_all(folder.join("out"))?;
        let inputs = Self { folder };
        for clip in &CLIPS {
            if Path::new(&inputs.clip(clip)).exists() {
                continue;
            }
            eprintln!("bench: draws the clip {}", clip.id);
            let figures = profile.join("examples/figures").display().to_string();
            run(&words(&[&figures, "--out", &inputs.path(""), "--canvas", "1920x1080", "--only", clip.id]))?;
        }
        if !Path::new(&inputs.picture()).exists() {
            let source =
                "gradients=size=1920x1080:n=3:c0=0x182848:c1=0x2c5a78:c2=0x4b86a0:x0=0:y0=0:x1=1919:y1=1079:seed=1";
            let command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", &inputs.picture()];
            run(&words(&command))?;
        }
        Ok(inputs)
    }

    /// A path in the folder, as programs are told it.
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(crate) fn clip(&self, clip: &Clip) -> String {
        self.path(&format!("{}/{}", clip.id, clip.file))
    }

    pub(crate) fn picture(&self) -> String {
        self.path("background.png")
    }

    pub(crate) fn ready_frames(&self) -> String {
        self.path("ready.nv12")
    }

    pub(crate) fn output(&self, name: &str) -> String {
        self.path(&format!("out/{name}.mp4"))
    }

    /// repcast's command line. The encoder is named, because hardware would not be compared with x264.
    pub(crate) fn repcast(&self, document: &str, output: &str, preset: &str, options: &Options) -> Vec<String> {
        let mut command = words(&[&options.repcast, "render", document, "--output", output, "--json"]);
        command.extend(words(&["--encoder", "x264enc", "--preset", preset, "--crf", CRF]));
        if let Some(adapter) = &options.adapter {
            command.extend(words(&["--adapter", adapter]));
        }
        command
    }

    /// Writes a job as repcast's document, and returns its path.
    pub(crate) fn document(&self, job: &Job, name: &str) -> Result<String> {
        // Drawn for 1080 lines, and scaled with them.
        let px = |pixels: u32| pixels * job.height / 1080;
        let mut layers = vec![json!({"type": "image", "src": "background.png", "fit": "cover"})];
        for (number, clip) in (0..job.clips).zip(CLIPS.iter().cycle()) {
            let time = frames_of_clip(job, number);
            let start = format!("{}/{FPS}", time.start);
            let duration = format!("{}/{FPS}", time.len());
            let speed: Value = serde_json::from_str(clip.speed)?;
            layers.push(json!({"type": "clip", "src": format!("{}/{}", clip.id, clip.file), "loop": true,
                "speed": speed, "start": start, "duration": duration}));
            layers.push(json!({"type": "text", "text": clip.name, "size": px(72), "weight": 700,
                "position": [px(60), px(60)], "start": start, "duration": duration}));
        }
        layers.push(json!({"type": "timer", "mode": "elapsed", "format": "mm:ss", "size": px(48), "weight": 700,
            "position": [px(1860), px(40)], "anchor": "top-right"}));
        layers.push(json!({"type": "progress", "rect": [px(20), px(1040), px(1880), px(10)]}));
        let document = json!({
            "canvas": {"width": job.width, "height": job.height, "fps": FPS},
            "duration": format!("{}/{FPS}", job.frames()),
            "layers": layers,
        });
        let path = self.path(&format!("{name}.json"));
        fs::write(&path, serde_json::to_string_pretty(&document)?)?;
        Ok(path)
    }

    /// Frames as repcast hands them to the encoder, for x264 alone: of each exercise the first 50 in a row, because all
    /// 900 would take 2.8 GB. They come out of a render at nearly lossless quality.
    pub(crate) fn make_ready_frames(&self, options: &Options) -> Result<()> {
        if Path::new(&self.ready_frames()).exists() {
            return Ok(());
        }
        eprintln!("bench: prepares frames for x264 alone");
        let per_clip = ffmpeg::READY_FRAMES / 3;
        let job = Job { frames_per_clip: per_clip, clips: 3, width: 1920, height: 1080 };
        let document = self.document(&job, "ready")?;
        let video = self.output("ready");
        let mut command = self.repcast(&document, &video, "ultrafast", options);
        for value in &mut command {
            // Of the values only that of --crf reads like this.
            if value == CRF {
                *value = "1".to_owned();
            }
        }
        run(&command)?;
        // Under another name first: an interrupted run must not leave half of the frames.
        let part = self.path("ready.part");
        run(&words(&["ffmpeg", "-v", "error", "-y", "-i", &video, "-f", "rawvideo", "-pix_fmt", "nv12", &part]))?;
        fs::rename(part, self.ready_frames())?;
        Ok(())
    }
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

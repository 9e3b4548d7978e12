//! The reader of subtitle files: every file is read or has an error, and the cues that were read are written and read as the
//! same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use repcast_model::audio::{SampleSpan, samples};
use repcast_model::captions::CaptionCue;
use repcast_mux::subtitles::{read, write_file};

fuzz_target!(|file: &[u8]| {
    let Ok(found) = read(file) else { return };
    let caption = |cue: &repcast_model::document::SubtitleCue| CaptionCue {
        span: SampleSpan { start: samples(cue.start), end: samples(cue.end) },
        text: cue.text.as_str().into(),
    };
    let captions: Vec<CaptionCue> = found.cues.iter().map(caption).collect();
    let written = write_file(&captions, None);
    let again = read(written.as_bytes());
    assert_eq!(again.map(|again| again.cues).as_ref(), Ok(&found.cues), "{written}");
});

//! The voices that speak the texts of documents.

use super::Failure;
use super::args::VoiceArgs;
use repcast_engine::audio::Speaker;

/// What speaks: the voices of the given folder, and espeak-ng.
///
/// # Errors
/// When there is no voice in the folder, or this build has no neural voices.
#[cfg(feature = "neural-voice")]
pub(super) fn speaker(args: &VoiceArgs) -> Result<Speaker, Failure> {
    let Some(folder) = &args.voices else { return Ok(Speaker::default()) };
    let voices = repcast_speech::Kokoro::open(folder).map_err(|error| {
        Failure::wrong(format!("--voices: {error}; `script/voices {}` fetches what is missing", folder.display()))
    })?;
    Ok(Speaker::new(vec![std::sync::Arc::new(voices)]))
}

/// What speaks: espeak-ng.
///
/// # Errors
/// When a folder of voices is given.
#[cfg(not(feature = "neural-voice"))]
pub(super) fn speaker(args: &VoiceArgs) -> Result<Speaker, Failure> {
    match &args.voices {
        None => Ok(Speaker::default()),
        Some(_) => Err(Failure::wrong(
            "--voices, REPCAST_VOICES: this build has no neural voices: it was compiled without the feature `neural-voice`",
        )),
    }
}

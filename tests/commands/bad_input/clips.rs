//! Documents that are right and name a file that is missing, or is not what it should be.

use super::case::{Case, changed};

pub(crate) fn cases() -> Vec<Case> {
    let clips = CLIPS.iter().map(|(name, src)| case(name, "\"good.mov\"", &format!("\"{src}\""), "layers[0].src", src));
    let pictures = PICTURES.iter().map(|(name, src)| {
        let layer = format!("{{\"type\": \"image\", \"src\": \"{src}\"}}, {{\"type\": \"text\"");
        case(name, "{\"type\": \"text\"", &layer, "layers[1].src", src)
    });
    let backgrounds = BACKGROUNDS.iter().map(|(name, kind, src)| {
        let background = format!("{{\"{kind}\": \"{src}\"}}");
        case(name, "{\"color\": \"#101828\"}", &background, &format!("background.{kind}"), src)
    });
    clips.chain(pictures).chain(backgrounds).collect()
}

/// A document that names `src` at `place`. Both must be told, so that the author finds the line and the file; of
/// numbered pictures, the one that was looked for will do.
fn case(name: &str, from: &str, to: &str, place: &str, src: &str) -> Case {
    let (file, _) = src.split_once('%').unwrap_or((src, ""));
    Case::document(name, changed(from, to), &[place, file])
}

/// What a clip layer names.
const CLIPS: &[(&str, &str)] = &[
    ("clip_missing", "nosuch.mov"),
    ("clip_in_a_missing_folder", "nosuch/clip.mov"),
    ("clip_is_a_folder", "folder.mov"),
    ("clip_is_empty", "empty.mov"),
    ("clip_is_text", "text.mov"),
    ("clip_is_a_header", "header.mov"),
    ("clip_without_its_index", "no_index.mov"),
    ("clip_without_frames", "sound.mov"),
    ("clip_of_absurd_size", "huge.mov"),
    // Opening a pipe or a device would wait for ever.
    ("clip_is_a_pipe", "fifo.mov"),
    ("clip_is_a_device", "/dev/zero"),
    ("clip_is_a_dangling_link", "dangling.mov"),
    ("clip_is_a_link_to_itself", "circle.mov"),
    // A playlist would make the media library open whatever its author wrote into it.
    ("clip_is_a_playlist", "playlist.mp4"),
    ("clip_is_a_corrupt_png", "corrupt.png"),
    ("clip_is_half_a_jpeg", "half.jpg"),
    ("clip_is_an_absurd_jpeg", "huge.jpg"),
    ("clip_of_missing_pictures", "nosuch_%05d.png"),
];

/// What an image layer names.
const PICTURES: &[(&str, &str)] = &[
    ("image_missing", "nosuch.png"),
    ("image_is_a_folder", "folder.mov"),
    ("image_is_a_film", "good.mov"),
    ("image_is_a_corrupt_png", "corrupt.png"),
    ("image_is_half_a_jpeg", "half.jpg"),
    ("image_is_a_pipe", "fifo.mov"),
];

/// What a workout has as its background.
const BACKGROUNDS: &[(&str, &str, &str)] =
    &[("background_image_missing", "image", "nosuch.png"), ("background_video_is_text", "video", "text.mov")];

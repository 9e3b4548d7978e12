//! Valid documents that name missing or unsuitable files.

use super::case::{Case, changed};

pub(crate) fn cases() -> Vec<Case> {
    let clips = CLIPS.iter().map(|(name, src)| case(name, "\"good.mov\"", &format!("\"{src}\""), "layers[0].src", src));
    let images = IMAGES.iter().map(|(name, src)| {
        let layer = format!("{{\"type\": \"image\", \"src\": \"{src}\"}}, {{\"type\": \"text\"");
        case(name, "{\"type\": \"text\"", &layer, "layers[1].src", src)
    });
    let backgrounds = BACKGROUNDS.iter().map(|(name, kind, src)| {
        let background = format!("{{\"{kind}\": \"{src}\"}}");
        case(name, "{\"color\": \"#101828\"}", &background, &format!("background.{kind}"), src)
    });
    let fonts = FONTS.iter().map(|(name, src)| {
        let theme = format!("{{\"color\": \"#101828\"}}, \"theme\": {{\"font\": \"{src}\"}}");
        case(name, "{\"color\": \"#101828\"}", &theme, "theme.font", src)
    });
    clips.chain(images).chain(backgrounds).chain(fonts).collect()
}

/// A document that names `src` in a field. The message must contain both; for numbered images, the prefix of the name
/// suffices.
fn case(name: &str, from: &str, to: &str, place: &str, src: &str) -> Case {
    let (file, _) = src.split_once('%').unwrap_or((src, ""));
    Case::document(name, changed(from, to), &[place, file])
}

/// Name, and file of a clip layer.
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
    // Opening a pipe or a device would block forever.
    ("clip_is_a_pipe", "fifo.mov"),
    ("clip_is_a_device", "/dev/zero"),
    ("clip_is_a_dangling_link", "dangling.mov"),
    ("clip_is_a_link_to_itself", "circle.mov"),
    // A playlist would make the media library open any file that it lists.
    ("clip_is_a_playlist", "playlist.mp4"),
    ("clip_is_a_corrupt_png", "corrupt.png"),
    ("clip_is_half_a_jpeg", "half.jpg"),
    ("clip_is_an_absurd_jpeg", "huge.jpg"),
    ("clip_of_missing_images", "nosuch_%05d.png"),
];

/// Name, and file of an image layer.
const IMAGES: &[(&str, &str)] = &[
    ("image_missing", "nosuch.png"),
    ("image_is_a_folder", "folder.mov"),
    ("image_is_a_video", "good.mov"),
    ("image_is_a_corrupt_png", "corrupt.png"),
    ("image_is_half_a_jpeg", "half.jpg"),
    ("image_is_a_pipe", "fifo.mov"),
];

/// Name, kind, and file of a workout background.
const BACKGROUNDS: &[(&str, &str, &str)] =
    &[("background_image_missing", "image", "nosuch.png"), ("background_video_is_text", "video", "text.mov")];

/// Name, and file of a workout's font.
const FONTS: &[(&str, &str)] = &[
    ("font_missing", "nosuch.ttf"),
    ("font_is_a_folder", "folder.mov"),
    ("font_is_text", "text.mov"),
    ("font_is_a_pipe", "fifo.mov"),
    ("font_is_a_device", "/dev/zero"),
];

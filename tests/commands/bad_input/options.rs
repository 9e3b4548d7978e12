//! Invalid command lines and catalogues.

use super::case::{CATALOGUE, Case, WORKOUT};

pub(crate) fn cases() -> Vec<Case> {
    let lines = LINES.iter().map(|(name, line, says)| Case::line(name, line, &[says]));
    let catalogues = CATALOGUES.iter().map(|(name, from, to, says)| {
        assert!(CATALOGUE.contains(from), "{from} is in the catalogue");
        Case { catalogue: CATALOGUE.replacen(from, to, 1).into(), ..workout(name, &[says]) }
    });
    let bytes = Case { catalogue: b"name = \"\xff\"".into(), ..workout("catalogue_not_utf_8", &["catalogue.toml"]) };
    let missing_clip = Case {
        catalogue: CATALOGUE.replace("squat.mov", "nosuch.mov").into(),
        ..workout("catalogue_clip_missing", &["exercise[0].clip: ", "nosuch.mov"])
    };
    let missing = Case {
        line: "render DOC --catalogue nosuch -o out.mp4".to_owned(),
        ..workout("catalogue_missing", &["nosuch"])
    };
    lines.chain(catalogues).chain([bytes, missing_clip, missing]).collect()
}

/// A valid workout, for a case with its own catalogue.
fn workout(name: &str, says: &[&str]) -> Case {
    let line = "render DOC --catalogue CATALOGUE -o out.mp4";
    Case { document: (WORKOUT.into(), 1), ..Case::line(name, line, says) }
}

/// Name, command line, and a part of the expected message.
const LINES: &[(&str, &str, &str)] = &[
    ("no_command", "", "render"),
    ("unknown_command", "rendr DOC", "rendr"),
    ("unknown_flag", "render DOC --fast -o out.mp4", "--fast"),
    ("no_document", "render -o out.mp4", "DOC"),
    ("two_documents_named", "render DOC other.json -o out.mp4", "other.json"),
    ("document_missing", "render nosuch.json -o new/out.mp4", "nosuch.json: no such file or folder"),
    ("document_is_a_folder", "render taken.mp4 -o out.mp4", "taken.mp4"),
    ("document_is_a_video", "render ../../media/good.mov -o out.mp4", "good.mov"),
    // Encoding.
    ("encoder_unknown", "render DOC --encoder nosuch -o out.mp4", "nosuch"),
    ("preset_unknown", "render DOC --preset nosuch -o out.mp4", "nosuch"),
    ("crf_of_99", "render DOC --crf 99 -o out.mp4", "--crf"),
    ("crf_is_a_word", "render DOC --crf good -o out.mp4", "--crf"),
    ("bitrate_zero", "render DOC --bitrate 0 -o out.mp4", "--bitrate"),
    ("crf_and_bitrate", "render DOC --crf 20 --bitrate 2000 -o out.mp4", "--bitrate"),
    ("store_is_a_file", "render DOC --store ../../media/good.mov/store -o out.mp4", "good.mov"),
    ("store_of_size_zero", "render DOC --store store --store-mb 0 -o out.mp4", "--store-mb"),
    ("store_without_folder", "render DOC --store-mb 100 -o out.mp4", "--store"),
    ("voices_missing", "render DOC --voices nosuch -o out.mp4", "--voices"),
    ("voices_of_a_server_missing", "serve --capacity 1 --voices nosuch", "--voices"),
    ("adapter_unknown", "render DOC --adapter nosuch -o out.mp4", "nosuch"),
    ("log_format_unknown", "render DOC --log-format xml -o out.mp4", "--log-format"),
    // Outputs. The folder of each case has a folder `taken.mp4` and a folder `busy` with another file.
    ("output_of_unknown_ending", "render DOC -o out.xyz", "out.xyz"),
    ("output_without_ending", "render DOC -o video", "video"),
    ("output_images_without_number", "render DOC -o image.png", "image.png"),
    ("output_below_a_file", "render DOC -o busy/notes.txt/out.mp4", "notes.txt is not a folder"),
    ("output_images_below_a_file", "render DOC -o busy/notes.txt/%05d.png", "notes.txt is not a folder"),
    ("output_replaced_and_kept", "render DOC -y -n -o out.mp4", "--no"),
    ("output_is_a_folder", "render DOC -o taken.mp4", "taken.mp4"),
    ("output_would_replace_a_folder", "render DOC -o busy.m3u8", "busy"),
    ("output_without_value", "render DOC -o", "-o"),
    ("output_and_result_on_one_stream", "render DOC --json -o -", "--json"),
    // Single frames: the composition has frames 0 to 59.
    ("frame_without_time", "frame DOC -o out.png", "--at"),
    ("frame_with_two_times", "frame DOC --at 0 --number 0 -o out.png", "--number"),
    ("frame_far_after_the_end", "frame DOC --at 1e9 -o out.png", "--at"),
    ("frame_at_a_huge_number", "frame DOC --at 1e99999999999999999999 -o out.png", "--at"),
    ("frame_before_the_start", "frame DOC --at=-1 -o out.png", "--at"),
    ("frame_at_nan", "frame DOC --at=NaN -o out.png", "--at"),
    ("frame_number_after_the_end", "frame DOC --number 60 -o out.png", "--number"),
    ("frame_number_is_a_fraction", "frame DOC --number 1.5 -o out.png", "--number"),
    ("frame_as_a_video", "frame DOC --at 0 -o out.mp4", "out.mp4"),
    ("frame_below_a_file", "frame DOC --at 0 -o busy/notes.txt/out.png", "notes.txt is not a folder"),
    // Servers.
    ("drain_timeout_is_a_word", "serve --drain-timeout soon", "--drain-timeout"),
    ("drain_timeout_of_hours", "live DOC --drain-timeout 3601", "--drain-timeout"),
    ("public_url_without_scheme", "serve --public-url gym.example", "--public-url"),
    ("public_url_is_a_script", "serve --public-url javascript:alert(1)", "--public-url"),
    ("public_url_of_another_scheme", "live DOC --public-url ftp://gym.example", "--public-url"),
    ("rate_limit_of_a_million", "serve --rate-limit 1000000", "--rate-limit"),
    ("no_connections", "serve --max-connections 0", "--max-connections"),
    ("certificate_without_end", "serve --capacity 1 --tls-cert /dev/zero --tls-key /dev/zero", "regular file"),
    ("configuration_missing", "serve --config nosuch.toml", "nosuch.toml: no such file or folder"),
    ("configuration_is_a_text", "live DOC --config busy/notes.txt", "busy/notes.txt:1: is not valid TOML"),
    // Schemas.
    ("schema_unknown", "schema nosuch", "nosuch"),
    ("schema_without_kind", "schema", "KIND"),
];

/// Name, text of the valid catalogue, its replacement, and a part of the expected message.
const CATALOGUES: &[(&str, &str, &str, &str)] = &[
    ("catalogue_not_toml", "[[exercise]]", "[[exercise", "catalogue.toml"),
    ("catalogue_is_empty", CATALOGUE, "", "catalogue.toml"),
    ("catalogue_without_clip", "clip = \"squat.mov\"", "", "exercise[0].clip: "),
    ("catalogue_with_unknown_field", "default_speed", "default_sped", "exercise[0].default_sped: "),
    ("catalogue_with_speed_zero", "1.0", "0.0", "exercise[0].default_speed: "),
    ("catalogue_clip_outside_of_its_folder", "squat.mov", "../good/squat.mov", "exercise[0].clip: "),
    ("catalogue_with_an_absolute_path", "squat.mov", "/dev/zero", "exercise[0].clip: "),
    (
        "catalogue_with_a_repeated_id",
        "[[exercise]]",
        "[[exercise]]\nid = \"squat\"\nname = \"A\"\nclip = \"a.mov\"\n[[exercise]]",
        "exercise[1].id: ",
    ),
];

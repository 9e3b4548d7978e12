//! The clips of a workout: the part that is played, the same for pictures and sound.

use crate::audio::source_part;
use crate::catalogue::Exercise;
use crate::clip::ClipInfo;
use crate::document::{ValidationFault, Workout};
use crate::time::Rational;
use crate::timeline::{ClipInfos, SourceClock};

/// The clock of an exercise's clip, which plays its part of the clip again and again.
pub(super) fn clip_clock(entry: &Exercise, info: &ClipInfo, speed: Rational) -> SourceClock {
    // A part that is not in the clip is a fault, see `check_trims`.
    let part = entry.look.trim.as_ref().and_then(|trim| source_part(trim, info.duration, "clip").ok());
    let (trim_in, trim_out) = part.unwrap_or((Rational::from_integer(0), info.duration));
    SourceClock { trim_in, trim_out, speed, looping: true }
}

/// The faults of parts that are not in their clips. Clips that are missing from `infos` have been reported already.
pub(super) fn check_trims(workout: &Workout, entries: &[&Exercise], infos: &ClipInfos) -> Vec<ValidationFault> {
    let exercises = std::iter::zip(&workout.exercises, entries).enumerate();
    let faults = exercises.filter_map(|(index, (exercise, entry))| {
        let (field, message) =
            source_part(entry.look.trim.as_ref()?, infos.get(&entry.clip)?.duration, "clip").err()?;
        let place = match exercise.look.trim {
            Some(_) => format!("exercises[{index}].{field}"),
            None => format!("exercises[{index}].id"),
        };
        let is_given = exercise.look.trim.is_some();
        let message = if is_given { message } else { format!("its {field} in the catalogue {message}") };
        Some(ValidationFault { place, message })
    });
    faults.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{compile_workout, compile_workout_soundtrack};
    use super::*;
    use crate::audio::{AudioInfo, AudioInfos, SoundSource};
    use crate::catalogue::Catalogue;
    use crate::document::{self, Document};
    use crate::timeline::{Draw, Timeline};

    fn compiled(catalogue: &str, exercise: &str) -> Result<Timeline, Vec<ValidationFault>> {
        let json = format!(r#"{{"fps": 25, "exercises": [{{"id": "a", "duration": 4{exercise}}}]}}"#);
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
        let catalogue = format!("[[exercise]]\nid = 'a'\nname = 'A'\nclip = 'a'\n{catalogue}");
        let catalogue = Catalogue::parse(&catalogue, Path::new("")).unwrap();
        // Two seconds, ten frames each.
        let infos = ClipInfos::from([(Path::new("a").to_owned(), ClipInfo::of_test(false))]);
        compile_workout(&workout, &catalogue, Path::new(""), &infos)
    }

    fn times(timeline: &Timeline) -> Vec<String> {
        let time = |frame| match timeline.plan(frame).layers.iter().find_map(|layer| match &layer.draw {
            Draw::Clip { time, .. } => Some(time.0),
            _ => None,
        }) {
            Some(time) => time.to_string(),
            None => String::new(),
        };
        [0, 24, 25, 37, 38, 75].map(time).to_vec()
    }

    #[test]
    fn a_part_of_a_clip_is_repeated_and_the_workout_decides_which() {
        assert_eq!(times(&compiled("", "").unwrap()), ["0", "24/25", "1", "37/25", "38/25", "1"]);
        let trimmed = compiled("trim = {in = 0.5, out = 2}", "").unwrap();
        assert_eq!(
            times(&trimmed),
            ["1/2", "73/50", "3/2", "99/50", "51/50", "2"].map(|text| match text {
                // Frame 38 is 1.52 s, 0.02 s into the second round; frame 75 is 3 s, the start of the third.
                "51/50" => "13/25",
                "2" => "1/2",
                other => other,
            })
        );
        let all = compiled("trim = {in = 0.5}", r#", "trim": {}"#).unwrap();
        assert_eq!(times(&all), times(&compiled("", "").unwrap()));
    }

    #[test]
    fn a_part_that_is_not_in_the_clip_is_a_fault_where_it_is_given() {
        let faults = |catalogue: &str, exercise: &str| {
            let faults = compiled(catalogue, exercise).unwrap_err();
            faults.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let behind = "is behind the clip's end at 2.000 s";
        assert_eq!(faults("", r#", "trim": {"out": 3}"#), [format!("exercises[0].trim.out: {behind}")]);
        assert_eq!(faults("trim.out = 3", ""), [format!("exercises[0].id: its trim.out in the catalogue {behind}")]);
        assert!(compiled("trim.out = 3", r#", "trim": {"out": 1}"#).is_ok());
    }

    #[test]
    fn the_sound_of_a_clip_is_that_of_the_part_that_is_seen() {
        let json =
            r#"{"audio": {"clips": {"mute": false}}, "exercises": [{"id": "a", "duration": 4, "trim": {"in": 1}}]}"#;
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
        let catalogue = Catalogue::parse("[[exercise]]\nid = 'a'\nname = 'A'\nclip = 'a'", Path::new("")).unwrap();
        let path = Path::new("a").to_owned();
        let infos = ClipInfos::from([(path.clone(), ClipInfo::of_test(false))]);
        let audio = AudioInfos::from([(path, AudioInfo { duration: 2.into() })]);
        let soundtrack =
            compile_workout_soundtrack(&workout, &catalogue, Path::new(""), &infos, &audio).unwrap().unwrap();
        let clock = soundtrack.sounds.iter().find_map(|sound| match &sound.source {
            SoundSource::File(file) => Some(file.clock),
            _ => None,
        });
        assert_eq!(clock.map(|clock| (clock.trim_in, clock.trim_out)), Some((1.into(), 2.into())));
    }
}

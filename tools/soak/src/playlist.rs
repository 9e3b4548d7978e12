//! Parses playlists like a player, and checks that successive ones are consistent.

/// One rendition's playlist.
#[derive(Clone, Default, Debug)]
pub(crate) struct Playlist {
    /// The number of the first segment.
    pub(crate) first: u64,
    pub(crate) segments: Vec<Segment>,
    /// Parts of the open segment.
    pub(crate) parts: Vec<Part>,
    pub(crate) hint: Option<String>,
    /// The newest init segment.
    pub(crate) map: Option<String>,
    pub(crate) target_secs: f64,
    pub(crate) can_block: bool,
    pub(crate) discontinuous: bool,
    pub(crate) ended: bool,
}

/// A complete segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Segment {
    pub(crate) uri: String,
    pub(crate) parts: Vec<Part>,
}

/// A piece of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    pub(crate) uri: String,
    pub(crate) independent: bool,
}

impl Playlist {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.lines().next() != Some("#EXTM3U") {
            return Err("a playlist without #EXTM3U".to_owned());
        }
        let mut list = Self::default();
        for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            let uri = || attribute(value, "URI").map(str::to_owned).ok_or(format!("no URI: {line}"));
            let number = || value.trim().parse::<f64>().map_err(|_| format!("no number: {line}"));
            match tag {
                "#EXT-X-MEDIA-SEQUENCE" => {
                    list.first = value.trim().parse().map_err(|_| format!("no number: {line}"))?
                }
                "#EXT-X-TARGETDURATION" => list.target_secs = number()?,
                "#EXT-X-SERVER-CONTROL" => list.can_block = attribute(value, "CAN-BLOCK-RELOAD") == Some("YES"),
                "#EXT-X-MAP" => list.map = Some(uri()?),
                "#EXT-X-PART" => {
                    list.parts.push(Part { uri: uri()?, independent: attribute(value, "INDEPENDENT") == Some("YES") });
                }
                "#EXT-X-PRELOAD-HINT" if attribute(value, "TYPE") == Some("PART") => list.hint = Some(uri()?),
                "#EXT-X-DISCONTINUITY" => list.discontinuous = true,
                "#EXT-X-ENDLIST" => list.ended = true,
                _ if line.starts_with('#') => {}
                _ => list.segments.push(Segment { uri: line.to_owned(), parts: std::mem::take(&mut list.parts) }),
            }
        }
        if list.target_secs <= 0.0 { Err("a playlist without a target duration".to_owned()) } else { Ok(list) }
    }

    /// Numbers of the next segment and part.
    pub(crate) fn next(&self) -> (u64, usize) {
        (self.first + self.segments.len() as u64, self.parts.len())
    }

    /// Complete segments with their numbers.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (u64, &Segment)> {
        (self.first..).zip(&self.segments)
    }

    /// All listed parts with their segment and part numbers.
    pub(crate) fn parts(&self) -> impl Iterator<Item = ((u64, usize), &Part)> {
        let complete = self.segments().map(|(number, segment)| (number, &segment.parts));
        let parts = complete.chain([(self.next().0, &self.parts)]);
        parts.flat_map(|(number, parts)| parts.iter().enumerate().map(move |(index, part)| ((number, index), part)))
    }

    /// The parts from which a player starts: the last independent one and those after it.
    pub(crate) fn live_edge(&self) -> Vec<&Part> {
        let parts: Vec<&Part> = self.parts().map(|(_, part)| part).collect();
        let begin = parts.iter().rposition(|part| part.independent).unwrap_or(parts.len());
        parts[begin..].to_vec()
    }

    /// Checks that this playlist may follow `before`.
    pub(crate) fn check_after(&self, before: &Self) -> Result<(), String> {
        if self.first < before.first || self.next() < before.next() {
            return Err(format!("playlist goes backwards: {:?} after {:?}", self.next(), before.next()));
        }
        if self.first > before.next().0 {
            return Err(format!("segments are missing: {} is first after {:?}", self.first, before.next()));
        }
        for (number, old) in before.segments().filter(|(number, _)| *number >= self.first) {
            if self.segments().find(|(same, _)| *same == number).is_none_or(|(_, new)| new.uri != old.uri) {
                return Err(format!("segment {number} has changed"));
            }
        }
        for ((number, index), old) in before.parts() {
            let new = self.parts().find(|(endpoint, _)| *endpoint == (number, index));
            if new.is_some_and(|(_, new)| new.uri != old.uri) {
                return Err(format!("part {index} of segment {number} has changed"));
            }
        }
        Ok(())
    }
}

/// The renditions that a master playlist names.
pub(crate) fn renditions(text: &str) -> Vec<&str> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("#EXT-X-STREAM-INF:") {
            found.extend(lines.by_ref().find(|line| !line.is_empty() && !line.starts_with('#')));
        }
    }
    found
}

/// The value of an attribute, without quotes. A comma within quotes is part of the value.
fn attribute<'a>(mut list: &'a str, searched: &str) -> Option<&'a str> {
    loop {
        let (name, rest) = list.split_once('=')?;
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        if name.trim() == searched {
            return Some(value);
        }
        list = rest.strip_prefix(',')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5\n";
    const LIST: &str = "#EXT-X-MEDIA-SEQUENCE:4\n#EXT-X-MAP:URI=\"i,1.mp4\"\n\
        #EXT-X-PART:DURATION=0.5,INDEPENDENT=YES,URI=\"4.0\"\n#EXTINF:2,\n4.m4s\n\
        #EXT-X-PART:DURATION=0.5,URI=\"5.0\",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.5,URI=\"5.1\"\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"5.2\"\n";

    fn list(text: &str) -> Playlist {
        Playlist::parse(&format!("{HEAD}{text}")).unwrap()
    }

    #[test]
    fn a_low_latency_playlist_is_read() {
        let list = list(LIST);
        assert_eq!((list.first, list.next(), list.target_secs), (4, (5, 2), 2.0));
        assert_eq!((list.hint.as_deref(), list.map.as_deref()), (Some("5.2"), Some("i,1.mp4")));
        assert!(list.can_block && !list.ended);
        assert_eq!(list.live_edge().iter().map(|part| part.uri.as_str()).collect::<Vec<_>>(), ["5.0", "5.1"]);
        assert_eq!(
            renditions("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n\n#EXT-X-STREAM-INF:B=2\n#x\nb\n"),
            ["a", "b"]
        );
    }

    #[test]
    fn inconsistent_playlists_are_rejected() {
        let before = list(LIST);
        assert_eq!(before.check_after(&before), Ok(()));
        let moved = LIST.replace("SEQUENCE:4", "SEQUENCE:5");
        for (text, expected) in [
            (LIST.replace("SEQUENCE:4", "SEQUENCE:3"), "backwards"),
            (LIST.replace("#EXT-X-PART:DURATION=0.5,URI=\"5.1\"\n".trim(), ""), "part 1"),
            (LIST.replace("SEQUENCE:4", "SEQUENCE:6"), "missing"),
            (LIST.replace("5.1", "5.9"), "part 1 of segment 5"),
            (LIST.replace("4.m4s", "9.m4s"), "segment 4 has changed"),
            (moved, "part 0 of segment 5"),
        ] {
            let outcome = list(&text).check_after(&before);
            let shorter = expected == "part 1" && outcome.as_ref().is_err_and(|error| error.contains("backwards"));
            assert!(
                shorter || outcome.as_ref().is_err_and(|error| error.contains(expected)),
                "{expected}: {outcome:?}"
            );
        }
        let after = list(&LIST.replace("#EXT-X-PRELOAD", "#EXT-X-PART:DURATION=0.5,URI=\"5.2\"\n#EXT-X-PRELOAD"));
        assert_eq!(after.check_after(&before), Ok(()));
    }
}

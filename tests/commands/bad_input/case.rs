//! One row of the table: how the program is called, and what it must say.

/// The composition that cases are changed from.
pub(crate) const COMPOSITION: &str = r##"{
    "canvas": {"width": 320, "height": 180, "fps": 30, "background": "#101828"}, "duration": 2, "layers": [
    {"type": "clip", "src": "good.mov", "start": 0, "trim": {"in": 0, "out": 1}, "speed": 1, "loop": true, "opacity": 1},
    {"type": "text", "text": "Air squat", "size": 24, "color": "#ffffff", "anchor": "top-left"}]}"##;

/// The workout that cases are changed from.
pub(crate) const WORKOUT: &str = r##"{"title": "Morning", "intensity": "moyen", "rounds": 1,
    "exercises": [{"id": "squat", "duration": 1, "rest": 0}], "language": "en", "format": "16:9",
    "resolution": "720p", "fps": 24, "background": {"color": "#101828"}}"##;

/// The catalogue that every case has which does not bring its own.
pub(crate) const CATALOGUE: &str = r#"[[exercise]]
id = "squat"
name = "Squat"
clip = "squat.mov"
default_speed = 1.0
"#;

/// Stands in a command line for the path of the case's document.
pub(crate) const DOC: &str = "DOC";

/// A call that the program must refuse.
pub(crate) struct Case {
    /// What is wrong, in words that can be a file's name.
    pub(crate) name: String,
    /// The command line.
    pub(crate) line: String,
    /// The document: these bytes, so many times.
    pub(crate) document: (Vec<u8>, usize),
    /// Whether the document comes on standard input.
    pub(crate) is_streamed: bool,
    /// The catalogue's text.
    pub(crate) catalogue: Vec<u8>,
    /// What standard error must name.
    pub(crate) says: Vec<String>,
}

impl Case {
    /// A render of a document, which must be named with what else is said of it.
    pub(crate) fn document(name: &str, document: impl Into<Vec<u8>>, says: &[&str]) -> Self {
        let case = Self::line(name, "render DOC --catalogue CATALOGUE -o out.mp4", says);
        let says = case.says.iter().cloned().chain([format!("{name}.json")]).collect();
        Self { document: (document.into(), 1), says, ..case }
    }

    /// A command line about the composition, with which nothing is wrong.
    pub(crate) fn line(name: &str, line: &str, says: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            line: line.to_owned(),
            document: (COMPOSITION.into(), 1),
            is_streamed: false,
            catalogue: CATALOGUE.into(),
            says: says.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same with a document that comes on standard input.
    pub(crate) fn streamed(mut self) -> Self {
        self.says.retain(|says| !says.ends_with(".json"));
        Self { line: self.line.replace(DOC, "-"), is_streamed: true, ..self }
    }

    /// The same with the document's bytes repeated.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.document.1 = times;
        self
    }
}

/// The document that holds `from`, with `to` in its place.
pub(crate) fn changed(from: &str, to: &str) -> String {
    let document = [COMPOSITION, WORKOUT].into_iter().find(|document| document.contains(from));
    document.unwrap_or_else(|| panic!("{from} is in one of the documents")).replacen(from, to, 1)
}

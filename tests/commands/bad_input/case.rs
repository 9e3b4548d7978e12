//! A case: a command line with its files, and parts of the expected message.

/// The composition from which cases are derived.
pub(crate) const COMPOSITION: &str = r##"{
    "canvas": {"width": 320, "height": 180, "fps": 30, "background": "#101828"}, "duration": 2, "layers": [
    {"type": "clip", "src": "good.mov", "start": 0, "trim": {"in": 0, "out": 1}, "speed": 1, "loop": true, "opacity": 1},
    {"type": "text", "text": "Air squat", "size": 24, "color": "#ffffff", "anchor": "top-left"}]}"##;

/// The workout from which cases are derived.
pub(crate) const WORKOUT: &str = r##"{"title": "Morning", "intensity": "moyen", "rounds": 1,
    "exercises": [{"id": "squat", "duration": 1, "rest": 0}], "language": "en", "format": "16:9",
    "resolution": "720p", "fps": 24, "background": {"color": "#101828"}}"##;

/// The catalogue of cases without their own.
pub(crate) const CATALOGUE: &str = r#"[[exercise]]
id = "squat"
name = "Squat"
clip = "squat.mov"
default_speed = 1.0
"#;

/// Placeholder in command lines for the path of the document.
pub(crate) const DOC: &str = "DOC";

/// A command line that the program must reject.
pub(crate) struct Case {
    /// The fault, in words that are also used as a file name.
    pub(crate) name: String,
    /// The command line.
    pub(crate) line: String,
    /// The document: bytes, and how often they are repeated.
    pub(crate) document: (Vec<u8>, usize),
    /// Whether the document is read from standard input.
    pub(crate) is_streamed: bool,
    /// The catalogue's text.
    pub(crate) catalogue: Vec<u8>,
    /// Texts that standard error must contain.
    pub(crate) says: Vec<String>,
}

impl Case {
    /// A render of a document; the message must also contain its name.
    pub(crate) fn document(name: &str, document: impl Into<Vec<u8>>, says: &[&str]) -> Self {
        let case = Self::line(name, "render DOC --catalogue CATALOGUE -o out.mp4", says);
        let says = case.says.iter().cloned().chain([format!("{name}.json")]).collect();
        Self { document: (document.into(), 1), says, ..case }
    }

    /// A command line with the valid composition.
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

    /// The same with the document on standard input.
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

/// The base document that contains `from`, which is replaced by `to`.
pub(crate) fn changed(from: &str, to: &str) -> String {
    let document = [COMPOSITION, WORKOUT].into_iter().find(|document| document.contains(from));
    document.unwrap_or_else(|| panic!("{from} is not in any document")).replacen(from, to, 1)
}

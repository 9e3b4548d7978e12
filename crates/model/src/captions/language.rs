//! The names of languages, as players list them.

/// Languages by their tags (ISO 639-1), each with its own name for itself.
const NAMES: [(&str, &str); 28] = [
    ("ar", "العربية"),
    ("cs", "Čeština"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("es", "Español"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("hu", "Magyar"),
    ("id", "Bahasa Indonesia"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("sv", "Svenska"),
    ("th", "ไทย"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("vi", "Tiếng Việt"),
    ("zh", "中文"),
];

/// The name of a language in itself; its tag if the name is not known, and the tag with the name if it states more than the
/// language. It has no quotation mark and no control character.
#[must_use]
pub fn language_name(tag: &str) -> String {
    let (primary, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let name = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(primary));
    match (name, rest) {
        (Some((_, name)), "") => (*name).to_owned(),
        (Some((_, name)), _) => format!("{name} ({tag})"),
        (None, _) => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_their_own_names() {
        let names = ["en", "FR", "fr-ca", "tlh", ""].map(language_name);
        assert_eq!(names, ["English", "Français", "Français (fr-ca)", "tlh", ""]);
        assert!(NAMES.is_sorted());
    }
}

//! Short codes by which people join a session, typed from a screen.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The letters of codes: consonants, so that no code is a word, without those that look like others or like digits.
const LETTERS: &[u8; 18] = b"BCDFGHJKMNPRSTVWXZ";

/// Letters of a code: 104,976 codes. Guesses are limited by the caller.
const LENGTH: usize = 4;

/// A code of four letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct JoinCode([u8; LENGTH]);

/// A text that is not a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a code has {LENGTH} letters")]
pub struct JoinCodeError;

impl JoinCode {
    /// A random code.
    pub(crate) fn random() -> Self {
        let mut number = Uuid::new_v4().as_u128();
        let letters = LETTERS.len() as u128;
        Self(std::array::from_fn(|_| {
            let letter = LETTERS[(number % letters) as usize];
            number /= letters;
            letter
        }))
    }
}

impl FromStr for JoinCode {
    type Err = JoinCodeError;

    /// In upper or lower case, with white space around it.
    fn from_str(text: &str) -> Result<Self, JoinCodeError> {
        let letters = text.trim().to_ascii_uppercase();
        let code: [u8; LENGTH] = letters.as_bytes().try_into().map_err(|_| JoinCodeError)?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code)).ok_or(JoinCodeError)
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(formatter, "{}", char::from(*letter)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_random_letters_that_are_not_confused() {
        let codes: HashSet<String> = (0..1000).map(|_| JoinCode::random().to_string()).collect();
        // Of 1,000 codes some five are expected twice.
        assert!(codes.len() > 970, "{}", codes.len());
        let letters: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert!(letters.len() == 18 && !letters.iter().any(|letter| "AEIOULQY".contains(*letter)), "{letters:?}");
        assert!(codes.iter().all(|code| code.len() == 4));
    }

    #[test]
    fn codes_are_read_in_any_case() {
        let code = JoinCode::random();
        for text in [code.to_string(), code.to_string().to_lowercase(), format!(" {code}\n")] {
            assert_eq!(text.parse(), Ok(code));
        }
        for text in ["", "BCD", "BCDFG", "BC1F", "BÇD", "B D F"] {
            assert_eq!(text.parse::<JoinCode>(), Err(JoinCodeError), "{text}");
        }
    }
}

//! Who may do what: tokens, and the one place that compares them.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::ServiceError;
use super::sessions::LiveSession;

/// Least characters of a configured token: 96 bits if they are random, too many to try out.
const MIN_LENGTH: usize = 16;

/// Most characters of a token; more do not make it harder to guess.
const MAX_LENGTH: usize = 512;

/// A secret that grants a right. It is compared in constant time, and its `Debug` form does not show it.
#[derive(Clone)]
pub struct Token(String);

/// A text that cannot be a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// It is too short to be secret, or too long.
    #[error("a token has {MIN_LENGTH} to {MAX_LENGTH} characters")]
    Length,
    /// It contains a character that a bearer token cannot have (RFC 6750, 2.1).
    #[error("a token consists of letters, digits and -._~+/=")]
    Character,
}

impl Token {
    /// A token of 244 random bits, in hexadecimal.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// Whether `presented` is this token.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// The secret, for the one who receives the right.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        match text {
            _ if !(MIN_LENGTH..=MAX_LENGTH).contains(&text.len()) => Err(TokenError::Length),
            _ if !text.bytes().all(is_allowed) => Err(TokenError::Character),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// What a request wants to do.
#[derive(Clone, Copy)]
pub enum Action<'a> {
    /// Start a session, or generate a video.
    Start,
    /// See all sessions.
    List,
    /// Command a session, open or close its preview window, or end it.
    Control(&'a LiveSession),
}

/// The rights of a process.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// The token of the operator, who may do everything. Without it, everyone may start sessions and videos.
    pub(crate) operator: Option<Token>,
}

impl Access {
    /// Whether `presented` is the operator's token.
    pub(crate) fn is_operator(&self, presented: Option<&str>) -> bool {
        matches(self.operator.as_ref(), presented)
    }

    /// Whether a request that presents this token may act.
    ///
    /// # Errors
    /// When it may not; which error depends on what may be known: a list does not exist for those who may not see it.
    pub(crate) fn authorize(&self, presented: Option<&str>, action: Action<'_>) -> Result<(), ServiceError> {
        if self.is_operator(presented) {
            return Ok(());
        }
        match action {
            Action::Start if self.operator.is_none() => Ok(()),
            Action::Start => Err(ServiceError::Unauthenticated),
            Action::List => Err(ServiceError::NoList),
            Action::Control(session) if matches(Some(&session.control), presented) => Ok(()),
            Action::Control(_) => Err(ServiceError::NotInControl),
        }
    }
}

fn matches(token: Option<&Token>, presented: Option<&str>) -> bool {
    token.zip(presented).is_some_and(|(token, presented)| token.matches(presented))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_fit_into_a_header() {
        let parse = |text: &str| text.parse::<Token>().map(|token| token.matches(text));
        assert_eq!(parse("0123456789abcdef"), Ok(true));
        assert_eq!(parse(Token::random().secret()), Ok(true));
        assert_eq!(parse("0123456789abcde"), Err(TokenError::Length));
        assert_eq!(parse(&"a".repeat(MAX_LENGTH + 1)), Err(TokenError::Length));
        for text in ["0123456789 abcdef", "0123456789\nabcdef", "0123456789äbcdef", "0123456789,abcdef"] {
            assert_eq!(parse(text), Err(TokenError::Character), "{text}");
        }
    }

    #[test]
    fn only_the_whole_token_matches_and_debug_hides_it() {
        let token: Token = "0123456789abcdef".parse().unwrap();
        for other in ["", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef0", "0123456789ABCDEF"] {
            assert!(!token.matches(other), "{other}");
        }
        assert_ne!(Token::random().secret(), Token::random().secret());
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn starting_is_open_without_an_operator_and_the_list_is_not() {
        let operator: Token = "0123456789abcdef".parse().unwrap();
        let (open, closed) = (Access::default(), Access { operator: Some(operator) });
        let token = Some("0123456789abcdef");
        assert!(open.authorize(None, Action::Start).is_ok());
        assert!(matches!(open.authorize(token, Action::List), Err(ServiceError::NoList)));
        assert!(closed.authorize(token, Action::Start).is_ok() && closed.authorize(token, Action::List).is_ok());
        for wrong in [None, Some("0123456789abcdeg")] {
            assert!(matches!(closed.authorize(wrong, Action::Start), Err(ServiceError::Unauthenticated)));
            assert!(matches!(closed.authorize(wrong, Action::List), Err(ServiceError::NoList)));
        }
    }
}

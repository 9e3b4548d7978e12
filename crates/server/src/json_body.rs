//! Bodies of requests that are JSON objects with fixed fields.

use axum::extract::{FromRequest, Request};
use repcast_http::{Problem, ProblemKind, RequestBody};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::content_type;

/// A body of this type. An extractor, which rejects anything else with a message that does not repeat the body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let RequestBody(body) = RequestBody::from_request(request, state).await?;
        content_type::check(&headers)?;
        parse(&body).map(Self)
    }
}

/// A body of this type, or none at all. An extractor.
pub(super) struct OptionalJsonBody<T>(pub(super) Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let RequestBody(body) = RequestBody::from_request(request, state).await?;
        if body.is_empty() {
            return Ok(Self(None));
        }
        content_type::check(&headers)?;
        parse(&body).map(|body| Self(Some(body)))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        // The message of a wrong value repeats it, which may be a password.
        let detail = match error.classify() {
            Category::Data if message.starts_with("missing field") || message.starts_with("unknown field") => {
                message.split(" at line").next().unwrap_or_default()
            }
            Category::Data => "a value has the wrong type",
            Category::Io | Category::Syntax | Category::Eof => "this is not JSON",
        };
        let detail = format!("line {}, column {}: {detail}", error.line(), error.column());
        Problem::new(ProblemKind::Invalid, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Login {
        #[expect(dead_code, reason = "it is parsed")]
        password: String,
    }

    #[test]
    fn messages_say_where_and_repeat_no_value() {
        let message = |body: &str| parse::<Login>(body.as_bytes()).unwrap_err().detail().to_owned();
        assert_eq!(message("{}"), "line 1, column 2: missing field `password`");
        assert!(message("{\"pass\": \"s3cret\"}").contains("unknown field `pass`, expected `password`"));
        assert_eq!(message("{\"password\": [\"s3cret\"]}"), "line 1, column 13: a value has the wrong type");
        assert_eq!(message("password=s3cret"), "line 1, column 1: this is not JSON");
    }
}

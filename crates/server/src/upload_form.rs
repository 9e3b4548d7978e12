//! An upload as one form.

use futures_util::TryStreamExt;
use multer::{Constraints, Multipart, SizeLimit};
use repcast_http::{Problem, ProblemKind, StreamedBody};
use repcast_service::{Caller, MAX_UPLOAD_BYTES, ServiceError, Upload};

use super::problems::service_problem;
use super::state::AppState;

/// The field of the file.
const FILE: &str = "file";

/// Receives the file of a form. Its length is known at its end only, so that room for the largest is taken until then.
pub(super) async fn receive(
    state: &AppState,
    caller: &Caller,
    kind: &str,
    body: StreamedBody,
) -> Result<Upload, Problem> {
    let closer = body.closer();
    let malformed = |error: &multer::Error| {
        let kind = match error {
            multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => ProblemKind::TooLarge,
            _ => ProblemKind::Malformed,
        };
        closer.after(Problem::new(kind, format!("The form could not be read: {error}.")))
    };
    let boundary = multer::parse_boundary(kind).map_err(|error| malformed(&error))?;
    let limits = SizeLimit::new().whole_stream(MAX_UPLOAD_BYTES + (1 << 20)).per_field(MAX_UPLOAD_BYTES);
    let constraints = Constraints::new().allowed_fields(vec![FILE]).size_limit(limits);
    let pieces = body.into_stream().map_err(|problem| std::io::Error::other(problem.detail().to_owned()));
    let mut form = Multipart::with_constraints(pieces, boundary, constraints);
    let Some(mut field) = form.next_field().await.map_err(|error| malformed(&error))? else {
        return Err(Problem::new(ProblemKind::Invalid, "The form has no file.").at(FILE));
    };
    let name = field.file_name().unwrap_or_default().to_owned();
    let failed = |error: &ServiceError| closer.after(service_problem(error));
    let mut upload = state.service.begin_form_upload(caller, &name).await.map_err(|error| failed(&error))?;
    while let Some(piece) = field.chunk().await.map_err(|error| malformed(&error))? {
        upload.append(&piece).await.map_err(|error| failed(&error))?;
    }
    drop(field);
    if form.next_field().await.map_err(|error| malformed(&error))?.is_some() {
        return Err(closer.after(Problem::new(ProblemKind::Invalid, "The form has more than one file.").at(FILE)));
    }
    upload.finish(caller).await.map_err(|error| service_problem(&error))
}

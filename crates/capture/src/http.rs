//! Cameras that send JPEG images over HTTP, one after another in one response (`multipart/x-mixed-replace`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_auth::{PasswordClient, PasswordParams};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

use super::camera::CameraRequest;
use super::connection::ReceivedFrame;
use super::error::CameraError;
use super::frame::{TrackFormat, VideoFormat};
use super::jpeg_scanner::{JpegImage, JpegScanner};

/// Frames per second of a camera that does not say.
const DEFAULT_RATE: u32 = 25;
/// Most bytes of the head of a response.
const MAX_HEAD: usize = 64 * 1024;

/// A camera that sends.
pub(crate) struct HttpConnection {
    body: Incoming,
    driver: JoinHandle<()>,
    scanner: JpegScanner,
    opened: Instant,
    rate: FrameRate,
    format: Option<Arc<VideoFormat>>,
}

impl Drop for HttpConnection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl HttpConnection {
    /// Connects to an address of the camera's host, and asks for the stream; again with a login when the camera wants one.
    pub(crate) async fn open(request: &CameraRequest, address: IpAddr) -> Result<Self, CameraError> {
        // The host of the request is the name that was entered; the connection goes to the address that was checked.
        let url: Url = request.url.to_string().parse().map_err(|_| CameraError::NoAddress)?;
        let at = SocketAddr::new(address, request.url.port());
        let (mut response, mut driver) = send(&url, at, None).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let answer = authorization(&response, request, &url).ok_or(CameraError::Unauthorized)?;
            driver.abort();
            (response, driver) = send(&url, at, Some(&answer)).await?;
        }
        let failure = match response.status() {
            StatusCode::OK => None,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(CameraError::Unauthorized),
            StatusCode::NOT_FOUND => Some(CameraError::NotFound),
            status => Some(CameraError::Status(status.as_u16())),
        };
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // Some say nothing of it, or that it is an image.
        let is_usable = kind.is_empty() || kind.starts_with("multipart/") || kind.starts_with("image/jpeg");
        let failure = failure.or_else(|| (!is_usable).then(|| CameraError::Codec(shortened(kind))));
        if let Some(failure) = failure {
            driver.abort();
            return Err(failure);
        }
        let (body, scanner) = (response.into_body(), JpegScanner::default());
        let rate = FrameRate::new(DEFAULT_RATE, 1).ok_or(CameraError::NoVideo)?;
        Ok(Self { body, driver, scanner, opened: Instant::now(), rate, format: None })
    }

    /// The next image. Images carry no times: they are taken when they arrive.
    pub(crate) async fn next(&mut self) -> Result<ReceivedFrame, CameraError> {
        loop {
            if let Some(image) = self.scanner.next() {
                return Ok(self.frame(image));
            }
            match self.body.frame().await {
                None => return Err(CameraError::Ended),
                Some(Err(error)) => return Err(CameraError::Protocol(shortened(&error.to_string()))),
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.scanner.push(data);
                    }
                }
            }
        }
    }

    fn frame(&mut self, JpegImage { data, width, height }: JpegImage) -> ReceivedFrame {
        let size = Size { width: width.into(), height: height.into() };
        let format = match &self.format {
            Some(format) if format.size() == size => format.clone(),
            _ => Arc::new(VideoFormat::Jpeg { size, rate: self.rate }),
        };
        self.format = Some(format.clone());
        let arrived = Instant::now();
        let media = i64::try_from(arrived.duration_since(self.opened).as_nanos()).unwrap_or(i64::MAX);
        let format = TrackFormat::Video(format);
        ReceivedFrame { format, media, arrived, is_key: true, follows_loss: false, data }
    }
}

/// Sends a request over a connection of its own.
async fn send(
    url: &Url,
    at: SocketAddr,
    authorization: Option<&str>,
) -> Result<(Response<Incoming>, JoinHandle<()>), CameraError> {
    let unreachable = |error: std::io::Error| CameraError::Unreachable(shortened(&error.to_string()));
    let stream = TcpStream::connect(at).await.map_err(unreachable)?;
    let protocol = |error: hyper::Error| CameraError::Protocol(shortened(&error.to_string()));
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).http09_responses(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(protocol)?;
    // Its errors are those of the response.
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
    let target = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
    let mut request = Request::builder().method(Method::GET).uri(target).header(HOST, host);
    request = request.header(USER_AGENT, "repcast").header(ACCEPT, "*/*");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| CameraError::NoAddress)?;
    match sender.send_request(request).await {
        Ok(response) => Ok((response, driver)),
        Err(error) => {
            driver.abort();
            Err(protocol(error))
        }
    }
}

/// The answer to what a camera asks for, by Digest or Basic.
fn authorization(response: &Response<Incoming>, request: &CameraRequest, url: &Url) -> Option<String> {
    let credentials = request.credentials.as_ref()?;
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).into_iter().filter_map(|value| value.to_str().ok());
    let mut builder = PasswordClient::builder();
    for challenge in challenges {
        builder = builder.challenges(challenge);
    }
    let mut client = builder.build().ok()?;
    let params = PasswordParams {
        username: &credentials.username,
        password: &credentials.password,
        uri: &url[url::Position::BeforePath..url::Position::AfterQuery],
        method: "GET",
        body: Some(&[]),
    };
    client.respond(&params).ok()
}

/// A text of a camera or of the network, for people.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(100).collect()
}

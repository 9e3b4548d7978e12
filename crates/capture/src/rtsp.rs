//! RTSP (RFC 2326), by the client of the retina crate: media in the RTSP connection, or over UDP where the camera wants that.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use repcast_media::{AacConfig, HevcConfig, StreamConfig};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use retina::Timestamp;
use retina::client::{
    Demuxed, Described, InitialTimestampPolicy, PlayOptions, Session, SessionOptions, SetupOptions, Transport,
};
use retina::codec::{AudioParameters, CodecItem, ParametersRef, VideoParameters, VideoParametersCodec};

use super::camera::CameraRequest;
use super::connection::ReceivedFrame;
use super::error::CameraError;
use super::frame::{AudioFormat, TrackFormat, VideoFormat};

/// What this program calls itself.
const USER_AGENT: &str = "repcast";
/// The status of a camera that does not offer a transport (RFC 2326, 11.3.14).
const UNSUPPORTED_TRANSPORT: u16 = 461;
/// Frames per second of a camera that does not say.
const DEFAULT_RATE: u32 = 25;
/// Most frames per second that are believed.
const MAX_RATE: u32 = 1000;

/// A camera that plays.
pub(crate) struct RtspConnection {
    demuxed: Pin<Box<Demuxed>>,
    video: usize,
    audio: Option<usize>,
    video_format: Option<Arc<VideoFormat>>,
    audio_format: Option<Arc<AudioFormat>>,
}

impl RtspConnection {
    /// Connects to an address of the camera's host.
    pub(crate) async fn open(request: &CameraRequest, address: IpAddr) -> Result<Self, CameraError> {
        let described = describe(request, address).await?;
        let (video, audio) = choose(&described)?;
        match play(described, video, audio, Transport::default()).await {
            Err(error) if error.status_code() == Some(UNSUPPORTED_TRANSPORT) => {
                let udp = Transport::Udp(retina::client::UdpTransportOptions::default());
                play(describe(request, address).await?, video, audio, udp).await
            }
            other => other,
        }
        .map(|demuxed| Self { demuxed: Box::pin(demuxed), video, audio, video_format: None, audio_format: None })
        .map_err(|error| failure(&error))
    }

    /// The next frame of the chosen tracks.
    pub(crate) async fn next(&mut self) -> Result<ReceivedFrame, CameraError> {
        loop {
            let item = self.demuxed.next().await.ok_or(CameraError::Ended)?.map_err(|error| failure(&error))?;
            match item {
                CodecItem::VideoFrame(frame) if frame.stream_id() == self.video => {
                    if self.video_format.is_none() || frame.has_new_parameters() {
                        self.video_format = self.read_video_format()?;
                    }
                    // Frames before the first parameter sets cannot be decoded.
                    let Some(format) = &self.video_format else { continue };
                    return Ok(ReceivedFrame {
                        format: TrackFormat::Video(format.clone()),
                        media: nanos(frame.timestamp()),
                        arrived: frame.end_ctx().received(),
                        is_key: frame.is_random_access_point(),
                        follows_loss: frame.loss() > 0,
                        data: Bytes::from(frame.into_data()),
                    });
                }
                CodecItem::AudioFrame(frame) if Some(frame.stream_id()) == self.audio => {
                    if self.audio_format.is_none() {
                        self.audio_format = self.read_audio_format();
                    }
                    let Some(format) = &self.audio_format else { continue };
                    return Ok(ReceivedFrame {
                        format: TrackFormat::Audio(format.clone()),
                        media: nanos(frame.timestamp()),
                        arrived: frame.ctx().received(),
                        is_key: true,
                        follows_loss: frame.loss() > 0,
                        data: Bytes::copy_from_slice(frame.data()),
                    });
                }
                _ => {}
            }
        }
    }

    fn read_video_format(&self) -> Result<Option<Arc<VideoFormat>>, CameraError> {
        let stream = &self.demuxed.streams()[self.video];
        let Some(ParametersRef::Video(parameters)) = stream.parameters() else { return Ok(None) };
        video_format(parameters, stream.framerate()).map(|format| Some(Arc::new(format)))
    }

    fn read_audio_format(&self) -> Option<Arc<AudioFormat>> {
        let stream = &self.demuxed.streams()[self.audio?];
        match stream.parameters() {
            Some(ParametersRef::Audio(parameters)) => audio_format(stream.encoding_name(), parameters).map(Arc::new),
            _ => None,
        }
    }
}

fn nanos(timestamp: Timestamp) -> i64 {
    let (elapsed, rate) = (i128::from(timestamp.elapsed()), i128::from(timestamp.clock_rate().get()));
    (elapsed * 1_000_000_000 / rate).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

async fn describe(request: &CameraRequest, address: IpAddr) -> Result<Session<Described>, CameraError> {
    let url = request.url.at(address).ok_or(CameraError::NoAddress)?;
    let credentials = request.credentials.clone().map(|credentials| retina::client::Credentials {
        username: credentials.username,
        password: credentials.password,
    });
    let options = SessionOptions::default().creds(credentials).user_agent(USER_AGENT.to_owned());
    Session::describe(url, options).await.map_err(|error| failure(&error))
}

/// The first video, and the first sound that can be used.
fn choose(session: &Session<Described>) -> Result<(usize, Option<usize>), CameraError> {
    let streams = || session.streams().iter().enumerate();
    let has = |codecs: &'static [&str]| move |name: &str| codecs.contains(&name);
    let (is_video, is_audio) = (has(&["h264", "h265", "jpeg"]), has(&["mpeg4-generic", "pcma", "pcmu"]));
    let video = streams().find(|(_, stream)| stream.media() == "video" && is_video(stream.encoding_name()));
    let Some((video, _)) = video else {
        let other = streams().find(|(_, stream)| stream.media() == "video");
        return Err(other.map_or(CameraError::NoVideo, |(_, stream)| CameraError::Codec(name(stream.encoding_name()))));
    };
    let audio = streams().find(|(_, stream)| stream.media() == "audio" && is_audio(stream.encoding_name()));
    Ok((video, audio.map(|(index, _)| index)))
}

async fn play(
    mut session: Session<Described>,
    video: usize,
    audio: Option<usize>,
    transport: Transport,
) -> Result<Demuxed, retina::Error> {
    for stream in [Some(video), audio].into_iter().flatten() {
        session.setup(stream, SetupOptions::default().transport(transport.clone())).await?;
    }
    // Times far from those before are the business of the clock.
    let options = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Permissive);
    session.play(options).await?.demuxed()
}

fn video_format(parameters: &VideoParameters, announced: Option<f32>) -> Result<VideoFormat, CameraError> {
    let (width, height) = parameters.pixel_dimensions();
    let size = Size { width, height };
    let rate = parameters.frame_rate().and_then(|(ticks, timescale)| {
        let (ticks, timescale) = (NonZeroU32::new(ticks)?, NonZeroU32::new(timescale)?);
        FrameRate::new(timescale.get(), ticks.get())
    });
    let announced = announced.filter(|rate| *rate >= 1.0).and_then(|rate| FrameRate::new(rate.round() as u32, 1));
    let is_usual = |rate: &FrameRate| (1..=MAX_RATE).contains(&rate.ceil());
    let rate = rate.filter(is_usual).or(announced.filter(is_usual)).or_else(|| FrameRate::new(DEFAULT_RATE, 1));
    let rate = rate.ok_or(CameraError::NoVideo)?;
    let extra = parameters.extra_data().to_vec();
    match parameters.codec_params() {
        VideoParametersCodec::H264 { .. } => Ok(VideoFormat::H264(StreamConfig { size, rate, avcc: extra })),
        VideoParametersCodec::H265 { .. } => Ok(VideoFormat::H265(HevcConfig { size, rate, hvcc: extra })),
        VideoParametersCodec::Jpeg => Ok(VideoFormat::Jpeg { size, rate }),
        _ => Err(CameraError::Codec(name(parameters.rfc6381_codec()))),
    }
}

fn audio_format(encoding: &str, parameters: &AudioParameters) -> Option<AudioFormat> {
    let (sample_rate, channels) = (parameters.clock_rate(), parameters.channels().get());
    match encoding {
        "mpeg4-generic" => Some(AudioFormat::Aac(AacConfig {
            sample_rate,
            channels,
            audio_specific_config: parameters.extra_data().to_vec(),
        })),
        "pcma" | "pcmu" => Some(AudioFormat::G711 { is_a_law: encoding == "pcma", sample_rate, channels }),
        _ => None,
    }
}

/// A name that the camera sent, for people.
fn name(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic()).take(40).collect()
}

fn failure(error: &retina::Error) -> CameraError {
    match error.status_code() {
        Some(401 | 403) => CameraError::Unauthorized,
        Some(404) => CameraError::NotFound,
        Some(status) => CameraError::Status(status),
        None => {
            // The first line says what happened; the others are addresses and times of the connection.
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            let line: String = line.chars().filter(|character| !character.is_control()).take(200).collect();
            match line.starts_with("Unable to connect") || line.starts_with("Error reading") {
                true => CameraError::Unreachable(line),
                false => CameraError::Protocol(line),
            }
        }
    }
}

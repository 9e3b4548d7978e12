//! The command line: options and their help.

mod cameras;
mod coach;
mod limits;
mod store;
mod tools;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use cameras::CameraArgs;
pub(super) use coach::{
    AssistantArgs, AssistantKind, AuthArgs, AuthMode, BackupArgs, DataArgs, LibraryArgs, LibraryCommand, Registration,
    StorageArgs, UserArgs, UserCommand,
};
pub(super) use limits::{GenerationArgs, QuotaArgs};
pub(super) use store::StoreArgs;
pub(super) use tools::{DoctorArgs, FormatArgs, FrameArgs, LinkArgs, SchemaKind};

use super::class::FlowArgs;
use super::configuration::Origins;
use super::log::LogArgs;
use super::session_outputs::{ClientOutputArgs, OutputArgs};
use super::values::{drain_timeout, listen_address, max_connections, part_secs};
use repcast_engine::live::Ladder;
use repcast_gstreamer::encode::{MAX_CRF, PRESETS};
use repcast_http::{Cidr, CorsOrigins, HostName, PublicUrl};
use repcast_model::time::Rational;

/// Turns workouts and compositions of transparent clips into video.
#[derive(Debug, Parser)]
#[command(name = "repcast", version, about, max_term_width = 110)]
pub(super) struct Cli {
    /// The command.
    #[command(subcommand)]
    pub(super) command: Command,
    /// Logging.
    #[command(flatten)]
    pub(super) log: LogArgs,
}

/// The address to listen on by default, which only this machine reaches.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

impl Cli {
    /// Where the options of servers come from; `None` for other commands.
    pub(super) fn origins_mut(&mut self) -> Option<&mut Origins> {
        match &mut self.command {
            Command::Live(args) => Some(&mut args.server.origins),
            Command::Serve(args) => Some(&mut args.server.origins),
            _ => None,
        }
    }

    /// Whether the result is printed as JSON.
    pub(super) fn is_json(&self) -> bool {
        match &self.command {
            // Not of a stream, which standard output is.
            Command::Render(args) => args.result.json && args.output != std::path::Path::new("-"),
            Command::Frame(args) => args.result.json,
            Command::Live(args) => args.result.json,
            Command::Doctor(args) => args.result.json,
            _ => false,
        }
    }
}

/// The command of a server's worker processes.
pub(super) const CHECK_CLIPS: &str = "check-clips";

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Render a document into a file, as fast as possible.
    Render(RenderArgs),
    /// Write one composited frame as a PNG image.
    Frame(FrameArgs),
    /// Stream one document in real time over HTTP, until it ends.
    Live(Box<LiveArgs>),
    /// Show one document in a window, without encoding: seek, loop, step, and see every change when it is saved.
    Preview(PreviewArgs),
    /// Serve the API, live sessions, streams and the player page.
    Serve(Box<ServeArgs>),
    /// Report what this machine offers, what would be used, and what is missing.
    Doctor(DoctorArgs),
    /// Make and change the accounts of a server, also while it runs.
    User(UserArgs),
    /// Copy the database of a server, also while it runs.
    Backup(BackupArgs),
    /// Import, export or check the exercises of a server's library.
    Library(LibraryArgs),
    /// Rewrite a document or a catalogue in canonical form: fields in order, defaults omitted, numbers exact.
    Format(FormatArgs),
    /// Print the links of the live sessions that you run on this machine, the coach's among them.
    Link(LinkArgs),
    /// Print the JSON Schema of a document.
    Schema {
        /// The kind of document.
        kind: SchemaKind,
    },
    /// Print the completion script of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages of the program and its commands.
    Manual {
        /// Folder for the pages; it must exist.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Check the clips that a server sends.
    #[command(name = CHECK_CLIPS, hide = true)]
    CheckClips,
}

/// The document, and the adapter that renders it.
#[derive(Debug, Args)]
pub(super) struct DocumentArgs {
    /// A workout or a composition in JSON; `-` reads standard input.
    #[arg(value_name = "DOC")]
    pub(super) document: PathBuf,
    /// Folder with `catalogue.toml` and the clips it names [default: the demo catalogue].
    #[arg(long, value_name = "DIR")]
    pub(super) catalogue: Option<PathBuf>,
    /// The voices.
    #[command(flatten)]
    pub(super) voices: VoiceArgs,
    /// Graphics adapter, by a part of its name [default: the best one].
    #[arg(long, value_name = "NAME")]
    pub(super) adapter: Option<String>,
}

/// The form of the result.
#[derive(Debug, Args)]
pub(super) struct ResultArgs {
    /// Print one JSON object on standard output: the result, or the error.
    #[arg(long, help_heading = "Output")]
    pub(super) json: bool,
}

impl DocumentArgs {
    /// Whether the document comes from standard input.
    pub(super) fn is_piped(&self) -> bool {
        self.document == std::path::Path::new("-")
    }
}

/// Whether an output that exists is replaced.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct OverwriteArgs {
    /// Replace an output that exists [default: a terminal is asked; without one it is replaced].
    #[arg(short = 'y', long, help_heading = "Output", conflicts_with = "no")]
    pub(super) yes: bool,
    /// Never replace an output that exists: exit with code 2.
    #[arg(short = 'n', long, help_heading = "Output")]
    pub(super) no: bool,
}

/// The voices that speak texts.
#[derive(Debug, Args)]
pub(super) struct VoiceArgs {
    /// Folder of neural voices, as `script/voices` makes it, for builds with the feature `neural-voice`
    /// [default: espeak-ng speaks].
    #[arg(long, value_name = "DIR", env = "REPCAST_VOICES", hide_env_values = true)]
    pub(super) voices: Option<PathBuf>,
}

/// `repcast render`.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The document.
    #[command(flatten)]
    pub(super) document: DocumentArgs,
    /// Output: NAME.mp4, NAME.m3u8 (a VOD HLS folder), NAME.wav or NAME.m4a (the sound alone), NAME%05d.png (numbered
    /// images), or `-` (fragmented MP4 on standard output).
    #[arg(short, long, value_name = "OUT", default_value = "out.mp4", help_heading = "Output")]
    pub(super) output: PathBuf,
    /// Existing outputs.
    #[command(flatten)]
    pub(super) overwrite: OverwriteArgs,
    /// The result.
    #[command(flatten)]
    pub(super) result: ResultArgs,
    /// The encoder.
    #[command(flatten)]
    pub(super) encoder: EncoderArgs,
    /// The segment store.
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Parts of the video that x264 encodes in parallel [default: as many as cores and memory allow].
    #[arg(long, value_name = "N", help_heading = "Encoding", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) lanes: Option<u8>,
}

/// The encoder.
#[derive(Debug, Args)]
pub(super) struct EncoderArgs {
    /// Encoder element, or `auto`: the first that works, hardware before x264.
    #[arg(long, value_name = "NAME", default_value = "auto", help_heading = "Encoding")]
    pub(super) encoder: String,
    /// x264's speed preset.
    #[arg(long, value_name = "NAME", default_value = "veryfast", value_parser = PRESETS, help_heading = "Encoding")]
    pub(super) preset: String,
    /// Constant quality: 1 is the best, 50 the worst [default: 23].
    #[arg(long, value_name = "N", conflicts_with = "bitrate", help_heading = "Encoding", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_CRF)))]
    pub(super) crf: Option<u32>,
    /// Constant bit rate, in kilobits per second.
    #[arg(long, value_name = "KBPS", help_heading = "Encoding", value_parser = clap::value_parser!(u32).range(50..=1_000_000))]
    pub(super) bitrate: Option<u32>,
}

/// `repcast live`.
#[derive(Debug, Args)]
pub(super) struct LiveArgs {
    /// The document.
    #[command(flatten)]
    pub(super) document: DocumentArgs,
    /// The encoder.
    #[command(flatten)]
    pub(super) encoder: EncoderArgs,
    /// When the session starts and ends.
    #[command(flatten)]
    pub(super) flow: FlowArgs,
    /// The server.
    #[command(flatten)]
    pub(super) server: ServerArgs,
    /// The outputs.
    #[command(flatten)]
    pub(super) outputs: OutputArgs,
    /// Show the stream in a window, with controls for the session; `?` there shows the keys.
    #[arg(long, help_heading = "Output")]
    pub(super) preview: bool,
    /// The result.
    #[command(flatten)]
    pub(super) result: ResultArgs,
}

/// `repcast preview`.
#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    /// The document.
    #[command(flatten)]
    pub(super) document: DocumentArgs,
}

/// `repcast serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Check the options, and the files that they name, and exit: code 0, or 2 if something is wrong.
    #[arg(long, help_heading = "Configuration")]
    pub(super) check_config: bool,
    /// The voices.
    #[command(flatten)]
    pub(super) voices: VoiceArgs,
    /// Folder with `catalogue.toml` and the clips it names [default: the demo catalogue].
    #[arg(long, value_name = "DIR")]
    pub(super) catalogue: Option<PathBuf>,
    /// Graphics adapter, by a part of its name [default: the best one].
    #[arg(long, value_name = "NAME")]
    pub(super) adapter: Option<String>,
    /// Folder whose files documents may name; without it they may name none.
    #[arg(long, value_name = "DIR")]
    pub(super) media: Option<PathBuf>,
    /// The outputs of sessions.
    #[command(flatten)]
    pub(super) outputs: ClientOutputArgs,
    /// Accounts, the library and saved workouts.
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// The store of clips and videos.
    #[command(flatten)]
    pub(super) storage: StorageArgs,
    /// The accounts.
    #[command(flatten)]
    pub(super) accounts: AuthArgs,
    /// The cameras.
    #[command(flatten)]
    pub(super) cameras: CameraArgs,
    /// The assistant.
    #[command(flatten)]
    pub(super) assistant: AssistantArgs,
    /// Let everyone who reaches the server start sessions and videos, though other machines do.
    #[arg(long, help_heading = "Access", conflicts_with_all = ["token", "token_file"])]
    pub(super) open: bool,
    /// What one client may run.
    #[command(flatten)]
    pub(super) quota: QuotaArgs,
    /// Videos being made.
    #[command(flatten)]
    pub(super) generation: GenerationArgs,
    /// Videos and sessions that one address may start per minute; 0 for none at all.
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(super) rate_limit: u32,
    /// Capacity of the machine in millions of pixels per second; 720p at 30 frames per second is 28 [default: measured].
    #[arg(long, help_heading = "Limits", value_name = "MPIXELS", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(super) capacity: Option<u64>,
    /// The encoder.
    #[command(flatten)]
    pub(super) encoder: EncoderArgs,
    /// The segment store.
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// The server.
    #[command(flatten)]
    pub(super) server: ServerArgs,
}

/// The server.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// File of options, in TOML: their names without dashes in front and with `_` in the middle. Options of the command line
    /// precede variables such as REPCAST_LISTEN, which precede the file.
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) config: Option<PathBuf>,
    /// Where options come from.
    #[arg(skip)]
    pub(super) origins: Origins,
    /// Address to listen on, or a port alone for this machine, or `:PORT` for every machine; port 0 selects a free one.
    /// [default: 127.0.0.1:8080].
    #[arg(long, help_heading = "Network", value_name = "ADDR", value_parser = listen_address)]
    pub(super) listen: Option<SocketAddr>,
    /// Let other devices in this network reach the server, at this machine's address and the port of --listen.
    #[arg(long, help_heading = "Network")]
    pub(super) lan: bool,
    /// Token for starting and listing sessions, as `Authorization: Bearer TOKEN`; other users of the machine can see it
    /// here, so rather use --token-file.
    #[arg(long, help_heading = "Access", value_name = "TOKEN", conflicts_with = "token_file")]
    pub(super) token: Option<String>,
    /// File whose only line is the token.
    #[arg(long, help_heading = "Access", value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Address of /metrics and of the details of /healthz, for the operator [default: the address of everything else].
    #[arg(long, help_heading = "Network", value_name = "ADDR", value_parser = listen_address)]
    pub(super) admin_listen: Option<SocketAddr>,
    /// Sizes of each stream, such as 1080p,720p,480p [default: the document's own].
    #[arg(long, help_heading = "Stream", value_name = "SIZES", value_parser = Ladder::parse)]
    pub(super) ladder: Option<Ladder>,
    /// Whether old segments leave the playlist or stay for late viewers.
    #[arg(long, help_heading = "Stream", value_name = "KIND", default_value = "sliding")]
    pub(super) playlist: PlaylistKind,
    /// Seconds of each part, for low latency.
    #[arg(long, help_heading = "Stream", value_name = "SECONDS", default_value = "0.5", value_parser = part_secs)]
    pub(super) part: Rational,
    /// Certificate in PEM, followed by its chain; with --tls-key the server uses TLS.
    #[arg(long, help_heading = "Network", value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// The certificate's private key in PEM.
    #[arg(long, help_heading = "Network", value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Web pages that may use the server: `*`, `none`, or origins separated by commas.
    #[arg(long, help_heading = "Access", value_name = "ORIGINS", default_value = "none")]
    pub(super) cors: CorsOrigins,
    /// Proxy whose X-Forwarded-For is trusted, as an address or a range such as 10.0.0.0/8; may be repeated.
    #[arg(long, help_heading = "Network", value_name = "RANGE")]
    pub(super) trusted_proxy: Vec<Cidr>,
    /// Base URL of links in responses, such as `https://gym.example` [default: addresses on this server].
    #[arg(long, help_heading = "Network", value_name = "URL")]
    pub(super) public_url: Option<PublicUrl>,
    /// Further name of this server in requests, such as `gym.lan`; may be repeated [default: that of --public-url].
    #[arg(long, help_heading = "Access", value_name = "NAME")]
    pub(super) allowed_host: Vec<HostName>,
    /// Connections open at the same time; a further one replaces an idle one, or is closed at once [default: 4096, or as
    /// many as the limit on open files leaves room for].
    #[arg(long, help_heading = "Limits", value_name = "N", value_parser = max_connections)]
    pub(super) max_connections: Option<usize>,
    /// Connections that one address may have open at the same time, trusted proxies excepted; 0 for no limit.
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = 256)]
    pub(super) max_connections_per_address: usize,
    /// Seconds for players to fetch the end of their streams when the program shuts down.
    #[arg(long, help_heading = "Limits", alias = "farewell", value_name = "SECONDS", default_value = "3.5", value_parser = drain_timeout)]
    pub(super) drain_timeout: Duration,
}

impl ServerArgs {
    /// The address to listen on.
    pub(super) fn address(&self) -> SocketAddr {
        let listen = self.listen.unwrap_or(DEFAULT_LISTEN);
        if self.lan { SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), listen.port()) } else { listen }
    }
}

/// Whether old segments leave the playlist.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum PlaylistKind {
    /// They leave the playlist after 24 seconds.
    Sliding,
    /// They stay, so that late viewers can seek to the start.
    Event,
}

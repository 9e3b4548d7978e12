//! The options of accounts, the library and saved workouts.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use repcast_service::{DatabaseAddress, ModelName, ModelUrl, Role};

/// Where accounts, exercises and workouts are kept.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder of the database and of the server's secret [default: the user's data folder].
    #[arg(long, help_heading = "Data", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Database: postgres://USER:PASSWORD@HOST/NAME, or sqlite:FILE [default: a file in --data].
    #[arg(long, help_heading = "Data", value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<DatabaseAddress>,
}

/// Where the clips of own exercises and finished videos are kept. The keys of a store come from the environment alone:
/// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
#[derive(Debug, Args)]
pub(crate) struct StorageArgs {
    /// Bucket of the clips of own exercises, in a store that speaks S3 [default: a folder in --data].
    #[arg(long, help_heading = "Data", value_name = "BUCKET", env = "S3_BUCKET_ASSETS")]
    pub(crate) s3_bucket_assets: Option<String>,
    /// Bucket of finished videos [default: a folder in --data].
    #[arg(long, help_heading = "Data", value_name = "BUCKET", env = "S3_BUCKET_VIDEOS")]
    pub(crate) s3_bucket_videos: Option<String>,
    /// URL of the store [default: that of AWS]. Its keys come from the variables
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment alone.
    #[arg(long, help_heading = "Data", value_name = "URL", env = "S3_ENDPOINT")]
    pub(crate) s3_endpoint: Option<String>,
    /// Region of the buckets.
    #[arg(long, help_heading = "Data", value_name = "NAME", env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) s3_region: String,
    /// Size of all finished videos in megabytes; those that were not used for longest are removed. 0 keeps none.
    #[arg(long, help_heading = "Data", value_name = "MB", default_value_t = 10_000)]
    pub(crate) videos_mb: u64,
}

/// Who may use the library and save workouts.
#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    /// Whether people sign in. `off` lets everyone who reaches the server change everything [default: `on` if there are
    /// accounts].
    #[arg(long, help_heading = "Access", value_name = "MODE")]
    pub(crate) auth: Option<AuthMode>,
    /// Who makes accounts: everyone for oneself, or administrators alone.
    #[arg(long, help_heading = "Access", value_name = "WHO", default_value = "open")]
    pub(crate) registration: Registration,
    /// File with the secret that signs access tokens, 32 bytes or more [default: a file in --data].
    #[arg(long, help_heading = "Access", value_name = "FILE", env = "JWT_KEY_FILE")]
    pub(crate) jwt_key_file: Option<PathBuf>,
}

/// Whether people sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum AuthMode {
    /// They do.
    On,
    /// Everyone who reaches the server may do everything.
    Off,
}

/// Who makes accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Registration {
    /// Everyone for oneself, as a player.
    Open,
    /// Administrators.
    Closed,
}

/// What reads requests for workouts. The keys of the vendors are variables alone, OPENAI_API_KEY and ANTHROPIC_API_KEY: other
/// users of the machine can see options.
#[derive(Debug, Args)]
pub(crate) struct AssistantArgs {
    /// What reads requests for workouts: a language model of a vendor whose key is in OPENAI_API_KEY or ANTHROPIC_API_KEY, or
    /// the planner itself, to which nothing is sent. `auto` takes the first of the two keys that is set.
    #[arg(long, help_heading = "Assistant", value_name = "WHAT", default_value = "auto")]
    pub(crate) assistant: AssistantKind,
    /// Name of the vendor's model [default: its fastest].
    #[arg(long, help_heading = "Assistant", value_name = "NAME")]
    pub(crate) assistant_model: Option<ModelName>,
    /// Base URL of the model's API, for proxies and other servers with the same API; http on this machine alone [default: the
    /// vendor's].
    #[arg(long, help_heading = "Assistant", value_name = "URL")]
    pub(crate) assistant_url: Option<ModelUrl>,
}

/// What reads requests for workouts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum AssistantKind {
    /// The vendor whose key is set, or else the planner.
    Auto,
    /// A model of OpenAI.
    #[value(name = "openai")]
    OpenAi,
    /// A model of Anthropic.
    Anthropic,
    /// The planner.
    Planner,
}

/// `repcast user`.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; its password is read from standard input.
    Add {
        /// The address to sign in with.
        email: String,
        /// What the account may do: PLAYER, COACH, CLUB_ADMIN or SUPER_ADMIN.
        #[arg(long, default_value = "COACH")]
        role: Role,
        /// The name for people [default: the start of the address].
        #[arg(long)]
        name: Option<String>,
        /// The language of its pages: en or fr.
        #[arg(long, default_value = "en")]
        language: String,
        /// The data.
        #[command(flatten)]
        data: DataArgs,
    },
    /// Change what an account may do.
    Role {
        /// The address to sign in with.
        email: String,
        /// PLAYER, COACH, CLUB_ADMIN or SUPER_ADMIN.
        role: Role,
        /// The data.
        #[command(flatten)]
        data: DataArgs,
    },
    /// Replace the password of an account, read from standard input, and sign out its devices.
    Password {
        /// The address to sign in with.
        email: String,
        /// The data.
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the accounts.
    List {
        /// The data.
        #[command(flatten)]
        data: DataArgs,
    },
}

/// `repcast library`.
#[derive(Debug, Args)]
pub(crate) struct LibraryArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: LibraryCommand,
}

/// What to do with the exercises of the library.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Bring the exercises of a catalogue into the library. Those that were edited there stay as they are.
    Import {
        /// Folder with a catalogue.toml and its clips, which stay where they are.
        folder: PathBuf,
        /// The data.
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write all exercises as a catalogue, with copies of their clips.
    Export {
        /// The folder of the catalogue, which must not exist yet.
        folder: PathBuf,
        /// The data.
        #[command(flatten)]
        data: DataArgs,
        /// The store of clips.
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Decode the clips of all exercises, and report what is wrong.
    Check {
        /// The data.
        #[command(flatten)]
        data: DataArgs,
        /// The store of clips.
        #[command(flatten)]
        storage: StorageArgs,
    },
}

/// `repcast backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file of the copy, which must not exist yet.
    pub(crate) file: PathBuf,
    /// The data.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

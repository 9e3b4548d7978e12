//! One viewer: a player that does not decode.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::fragment_walker::FragmentWalker;
use crate::http::{Connection, HttpResponse, Protocol};
use crate::playlist::{Playlist, renditions};
use crate::viewer_stats::{Blocking, Immediate, SharedStats, ViewerStats};

/// Pause of a viewer after an error.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// The kind of player.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewerKind {
    /// Plays at the live edge: requests the next playlist and the next part ahead of time.
    LowLatency,
    /// Reloads the playlist once per target duration and fetches segments.
    Ordinary,
}

/// Connections and playback state of a viewer.
pub(crate) struct Viewer {
    number: usize,
    stats: SharedStats<ViewerStats>,
    playlists: Connection,
    media: Connection,
    walker: FragmentWalker,
    map: Option<String>,
}

impl Viewer {
    pub(crate) fn new(number: usize, protocol: Protocol, stats: SharedStats<ViewerStats>) -> Self {
        let [playlists, media] = [Connection::new(protocol), Connection::new(protocol)];
        Self { number, stats, playlists, media, walker: FragmentWalker::default(), map: None }
    }

    /// Watches until a time or the end of the stream. After an error it starts again, as players do.
    pub(crate) async fn watch(mut self, master: &Endpoint, kind: ViewerKind, until: Instant) {
        while Instant::now() < until {
            self.map = None;
            // Pending requests are dropped at the end of the time.
            match timeout_at(until, self.play(master, kind, until)).await {
                Ok(Ok(())) | Err(_) => break,
                Ok(Err(error)) => {
                    self.stats.lock().errors.add(error);
                    sleep(ERROR_PAUSE).await;
                }
            }
        }
        self.stats.lock().connections += u64::from(self.playlists.opened + self.media.opened);
    }

    async fn play(&mut self, master: &Endpoint, kind: ViewerKind, until: Instant) -> Result<()> {
        self.media = self.playlists.second_handle(master).await?;
        let answer = self.playlists.get(master).await?.success(master)?;
        self.count(&answer);
        let text = String::from_utf8(answer.body)?;
        let found = renditions(&text);
        let picked = found.get(self.number % found.len().max(1)).ok_or("a master playlist without renditions")?;
        let rendition = master.join(picked)?;
        let answer = self.playlists.get(&rendition).await?;
        let list = self.take_list(&rendition, answer, None)?;
        match kind {
            ViewerKind::LowLatency => self.play_parts(&rendition, list, until).await,
            ViewerKind::Ordinary => self.play_segments(&rendition, list, until).await,
        }
    }

    async fn play_parts(&mut self, rendition: &Endpoint, mut list: Playlist, until: Instant) -> Result<()> {
        if !list.can_block && !list.ended {
            return Err("the server does not offer blocking reloads".into());
        }
        self.take_map(rendition, &list).await?;
        for part in list.live_edge() {
            self.fetch(&rendition.join(&part.uri)?, Immediate::Part, list.discontinuous).await?;
        }
        while !list.ended && Instant::now() < until {
            let next = list.next();
            let reload = rendition.with_query(&format!("_HLS_msn={}&_HLS_part={}", next.0, next.1));
            let hint = list.hint.clone().ok_or("a live playlist without a preload hint")?;
            let hinted = rendition.join(&hint)?;
            let (answer, part) = tokio::join!(self.playlists.get(&reload), self.media.get(&hinted));
            let newer = self.take_list(&reload, answer?, Some(&list))?;
            if newer.next() <= next && !newer.ended {
                return Err("a blocking reload without the requested part".into());
            }
            self.take_hinted(&hinted, &hint, part?, &newer)?;
            // Parts that were published meanwhile, and parts that were not hinted.
            self.take_map(rendition, &newer).await?;
            for (_, missed) in newer.parts().filter(|(endpoint, part)| *endpoint >= next && part.uri != hint) {
                self.fetch(&rendition.join(&missed.uri)?, Immediate::Part, newer.discontinuous).await?;
            }
            list = newer;
        }
        self.stats.lock().ended += u64::from(list.ended);
        Ok(())
    }

    /// A hinted part need not exist, but a listed one must.
    fn take_hinted(&mut self, endpoint: &Endpoint, hint: &str, part: HttpResponse, list: &Playlist) -> Result<()> {
        let listed = list.parts().any(|(_, part)| part.uri == hint);
        if part.status == 404 && !listed {
            self.stats.lock().unfulfilled_hints += u64::from(!list.ended);
            return Ok(());
        }
        let part = part.success(endpoint)?;
        self.count(&part);
        self.stats.lock().add_blocking(Blocking::Part, &endpoint.path, &part);
        self.check_media(&part.body, list.discontinuous)
    }

    async fn play_segments(&mut self, rendition: &Endpoint, mut list: Playlist, until: Instant) -> Result<()> {
        self.take_map(rendition, &list).await?;
        // Players start three segments before the end.
        let mut next = list.next().0.saturating_sub(3).max(list.first);
        loop {
            let round = Instant::now() + Duration::from_secs_f64(list.target_secs.clamp(0.1, 60.0));
            let from = next;
            for (number, segment) in list.segments().filter(|(number, _)| *number >= from) {
                self.fetch(&rendition.join(&segment.uri)?, Immediate::Segment, list.discontinuous).await?;
                next = number + 1;
            }
            if list.ended || round >= until {
                self.stats.lock().ended += u64::from(list.ended);
                return Ok(());
            }
            tokio::time::sleep_until(round).await;
            let answer = self.playlists.get(rendition).await?;
            list = self.take_list(rendition, answer, Some(&list))?;
            self.take_map(rendition, &list).await?;
        }
    }

    /// Parses a playlist and checks that it may follow the one before.
    fn take_list(&mut self, endpoint: &Endpoint, answer: HttpResponse, before: Option<&Playlist>) -> Result<Playlist> {
        let answer = answer.success(endpoint).map_err(|error| format!("playlist: {error}"))?;
        self.count(&answer);
        let list = Playlist::parse(std::str::from_utf8(&answer.body)?)?;
        if endpoint.path.contains("_HLS_msn=") {
            self.stats.lock().add_blocking(Blocking::Playlist, &endpoint.path, &answer);
        } else {
            self.stats.lock().add_immediate(Immediate::Playlist, &answer);
        }
        if let Some(before) = before {
            list.check_after(before)?;
        }
        Ok(list)
    }

    /// Fetches the init segment if it has changed, and restarts the walker.
    async fn take_map(&mut self, rendition: &Endpoint, list: &Playlist) -> Result<()> {
        let map = list.map.as_ref().ok_or("a playlist without an init segment")?;
        if self.map.as_ref() != Some(map) {
            let endpoint = rendition.join(map)?;
            let answer = self.media.get(&endpoint).await?.success(&endpoint)?;
            self.count(&answer);
            self.walker = FragmentWalker::default();
            self.walker.push(&answer.body)?;
            self.map = Some(map.clone());
        }
        Ok(())
    }

    /// Fetches media that exists already.
    async fn fetch(&mut self, endpoint: &Endpoint, kind: Immediate, discontinuous: bool) -> Result<()> {
        let answer = self.media.get(endpoint).await?.success(endpoint)?;
        self.count(&answer);
        self.stats.lock().add_immediate(kind, &answer);
        self.check_media(&answer.body, discontinuous)
    }

    /// Checks that media consists of whole fragments that continue the previous ones, except at a discontinuity.
    fn check_media(&mut self, media: &[u8], discontinuous: bool) -> Result<()> {
        let (fragments, jumps) = (self.walker.fragments, self.walker.jumps);
        self.walker.push(media)?;
        if self.walker.fragments == fragments || !self.walker.is_complete() {
            return Err("media that does not consist of whole fragments".into());
        }
        if self.walker.jumps > jumps && !discontinuous {
            return Err("media that does not continue the previous part".into());
        }
        Ok(())
    }

    fn count(&self, answer: &HttpResponse) {
        let mut stats = self.stats.lock();
        stats.requests += 1;
        stats.bytes += answer.body.len() as u64;
    }
}

//! One viewer: a player without a picture.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::Result;
use crate::boxes::Walker;
use crate::http::{Answer, Connection, Protocol};
use crate::place::Place;
use crate::playlist::{Playlist, renditions};
use crate::tally::{Awaited, Shared, Tally, Whole};

/// How long a viewer leaves a stream alone that gave it an error.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// How a viewer plays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At the live edge: waits for the next playlist and the next part at once.
    LowLatency,
    /// Reads the playlist once a target duration, and takes whole segments.
    Ordinary,
}

/// A viewer's connections, and what it has decoded so far.
pub(crate) struct Viewer {
    number: usize,
    tally: Shared<Tally>,
    playlists: Connection,
    media: Connection,
    walker: Walker,
    map: Option<String>,
}

impl Viewer {
    pub(crate) fn new(number: usize, protocol: Protocol, tally: Shared<Tally>) -> Self {
        let [playlists, media] = [Connection::new(protocol), Connection::new(protocol)];
        Self { number, tally, playlists, media, walker: Walker::default(), map: None }
    }

    /// Watches until the time is over or the stream is. After an error it joins again, as players do.
    pub(crate) async fn watch(mut self, master: &Place, manner: Manner, until: Instant) {
        while Instant::now() < until {
            self.map = None;
            // What is waited for when the time is over, is left.
            match timeout_at(until, self.play(master, manner, until)).await {
                Ok(Ok(())) | Err(_) => break,
                Ok(Err(error)) => {
                    self.tally.lock().errors.add(error);
                    sleep(AFTER_ERROR).await;
                }
            }
        }
        self.tally.lock().connections += u64::from(self.playlists.opened + self.media.opened);
    }

    async fn play(&mut self, master: &Place, manner: Manner, until: Instant) -> Result<()> {
        self.media = self.playlists.beside(master).await?;
        let answer = self.playlists.get(master).await?.success(master)?;
        self.count(&answer);
        let text = String::from_utf8(answer.body)?;
        let found = renditions(&text);
        let picked = found.get(self.number % found.len().max(1)).ok_or("a master playlist without renditions")?;
        let rendition = master.join(picked)?;
        let answer = self.playlists.get(&rendition).await?;
        let list = self.take_list(&rendition, answer, None)?;
        match manner {
            Manner::LowLatency => self.play_parts(&rendition, list, until).await,
            Manner::Ordinary => self.play_segments(&rendition, list, until).await,
        }
    }

    async fn play_parts(&mut self, rendition: &Place, mut list: Playlist, until: Instant) -> Result<()> {
        if !list.can_block && !list.ended {
            return Err("the server does not offer blocking reloads".into());
        }
        self.take_map(rendition, &list).await?;
        for part in list.live_edge() {
            self.fetch(&rendition.join(&part.uri)?, Whole::Part, list.discontinuous).await?;
        }
        while !list.ended && Instant::now() < until {
            let wanted = list.next();
            let reload = rendition.with_query(&format!("_HLS_msn={}&_HLS_part={}", wanted.0, wanted.1));
            let hint = list.hint.clone().ok_or("a live playlist without a preload hint")?;
            let hinted = rendition.join(&hint)?;
            let (answer, part) = tokio::join!(self.playlists.get(&reload), self.media.get(&hinted));
            let newer = self.take_list(&reload, answer?, Some(&list))?;
            if newer.next() <= wanted && !newer.ended {
                return Err("a blocking reload without what it waited for".into());
            }
            self.take_hinted(&hinted, &hint, part?, &newer)?;
            // Parts that came while this viewer was busy, and any that was not the one hinted at.
            self.take_map(rendition, &newer).await?;
            for (_, missed) in newer.parts().filter(|(place, part)| *place >= wanted && part.uri != hint) {
                self.fetch(&rendition.join(&missed.uri)?, Whole::Part, newer.discontinuous).await?;
            }
            list = newer;
        }
        self.tally.lock().ended += u64::from(list.ended);
        Ok(())
    }

    /// A hint need not be kept, but a part that is listed must be there.
    fn take_hinted(&mut self, place: &Place, hint: &str, part: Answer, list: &Playlist) -> Result<()> {
        let listed = list.parts().any(|(_, part)| part.uri == hint);
        if part.status == 404 && !listed {
            self.tally.lock().hints_not_kept += u64::from(!list.ended);
            return Ok(());
        }
        let part = part.success(place)?;
        self.count(&part);
        self.tally.lock().add_awaited(Awaited::Part, &place.path, &part);
        self.decode(&part.body, list.discontinuous)
    }

    async fn play_segments(&mut self, rendition: &Place, mut list: Playlist, until: Instant) -> Result<()> {
        self.take_map(rendition, &list).await?;
        // Three segments before the end, which is where players begin.
        let mut next = list.next().0.saturating_sub(3).max(list.first);
        loop {
            let round = Instant::now() + Duration::from_secs_f64(list.target_secs.clamp(0.1, 60.0));
            let from = next;
            for (number, segment) in list.segments().filter(|(number, _)| *number >= from) {
                self.fetch(&rendition.join(&segment.uri)?, Whole::Segment, list.discontinuous).await?;
                next = number + 1;
            }
            if list.ended || round >= until {
                self.tally.lock().ended += u64::from(list.ended);
                return Ok(());
            }
            tokio::time::sleep_until(round).await;
            let answer = self.playlists.get(rendition).await?;
            list = self.take_list(rendition, answer, Some(&list))?;
            self.take_map(rendition, &list).await?;
        }
    }

    /// Reads a playlist's answer and holds it against the one before.
    fn take_list(&mut self, place: &Place, answer: Answer, before: Option<&Playlist>) -> Result<Playlist> {
        let answer = answer.success(place).map_err(|error| format!("playlist: {error}"))?;
        self.count(&answer);
        let list = Playlist::parse(std::str::from_utf8(&answer.body)?)?;
        if place.path.contains("_HLS_msn=") {
            self.tally.lock().add_awaited(Awaited::Playlist, &place.path, &answer);
        } else {
            self.tally.lock().add_whole(Whole::Playlist, &answer);
        }
        if let Some(before) = before {
            list.check_after(before)?;
        }
        Ok(list)
    }

    /// Fetches the init segment when it is another than before: what follows is decoded anew.
    async fn take_map(&mut self, rendition: &Place, list: &Playlist) -> Result<()> {
        let map = list.map.as_ref().ok_or("a playlist without an init segment")?;
        if self.map.as_ref() != Some(map) {
            let place = rendition.join(map)?;
            let answer = self.media.get(&place).await?.success(&place)?;
            self.count(&answer);
            self.walker = Walker::default();
            self.walker.push(&answer.body)?;
            self.map = Some(map.clone());
        }
        Ok(())
    }

    /// Fetches media that is there already.
    async fn fetch(&mut self, place: &Place, kind: Whole, discontinuous: bool) -> Result<()> {
        let answer = self.media.get(place).await?.success(place)?;
        self.count(&answer);
        self.tally.lock().add_whole(kind, &answer);
        self.decode(&answer.body, discontinuous)
    }

    /// Media must be whole fragments that go on where the last ones ended, unless the stream was cut on purpose.
    fn decode(&mut self, media: &[u8], discontinuous: bool) -> Result<()> {
        let (fragments, jumps) = (self.walker.fragments, self.walker.jumps);
        self.walker.push(media)?;
        if self.walker.fragments == fragments || !self.walker.is_whole() {
            return Err("media that is not whole fragments".into());
        }
        if self.walker.jumps > jumps && !discontinuous {
            return Err("media that does not go on where the part before ended".into());
        }
        Ok(())
    }

    fn count(&self, answer: &Answer) {
        let mut tally = self.tally.lock();
        tally.requests += 1;
        tally.bytes += answer.body.len() as u64;
    }
}

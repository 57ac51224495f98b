"""What a person's recorder costs: accuracy on the same clips, as they would come from a phone.

    python -m benchmarks.recording_chain --data data/ESC-50

Our clips are mono and end at 8 kHz; a recorder writes 44.1 or 48 kHz, often in stereo, hears something above
8 kHz too, and compresses. Each clip goes through the encoder and then the road every recording takes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import soxr
from tqdm import tqdm

from audioclf import metrics
from audioclf.classifier import Classifier
from audioclf.dataset import load
from tests.recordings import FORMATS, encode

NOISE_DB = -60.0
"""Of the noise above 8 kHz in each channel, below full scale: a quiet room's, through a phone's microphone."""

CHAINS = {
    "16 kHz mono, as in the data set": None,
    "44.1 kHz stereo WAV, noise above 8 kHz": ("wav_16", 0),
    "the same as AAC, 128 kbit/s": ("m4a_aac", 128_000),
    "the same as AAC, 64 kbit/s": ("m4a_aac", 64_000),
    "48 kHz stereo as Opus, 96 kbit/s": ("webm_opus", 96_000),
    "48 kHz stereo as Opus, 32 kbit/s": ("webm_opus", 32_000),
}


def recorded(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """A clip as a stereo recorder would have it, (2, samples) at another rate, with noise above 8 kHz."""
    louder = soxr.resample(waveform, 16_000, sample_rate, quality="VHQ")
    spectrum = np.fft.rfft(random.standard_normal((2, len(louder))))
    spectrum[:, np.fft.rfftfreq(len(louder), 1 / sample_rate) < 8_000] = 0
    noise = np.fft.irfft(spectrum, n=len(louder))
    noise *= 10 ** (NOISE_DB / 20) / noise.std()
    return (louder + noise).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data/ESC-50"))
    parser.add_argument("--weights", type=Path, default=Path("weights/esc50"))
    parser.add_argument("--fold", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/recording_chain.json"))
    arguments = parser.parse_args()
    classifier = Classifier.from_pretrained(arguments.weights)
    data = load(arguments.data, classifier.mel, folds=[arguments.fold])
    class_indices = data.class_indices.numpy()
    rows = []
    for title, chain in CHAINS.items():
        random = np.random.default_rng(0)
        clips = []
        for clip in tqdm(data.waveforms.numpy() / np.float32(32768), title, leave=False):
            if chain:
                name, bit_rate = chain
                encoded = encode(recorded(clip, FORMATS[name].sample_rate, random), name, bit_rate=bit_rate or 128_000)
                clip = classifier.decode(encoded)
            clips.append(clip[: classifier.mel.clip_samples])
        probabilities = np.concatenate([classifier.probabilities(clips[i : i + 50]) for i in range(0, len(clips), 50)])
        rows.append({"chain": title, "accuracy": metrics.summary(probabilities, class_indices)["accuracy"]})
        print(f"{title:42} {rows[-1]['accuracy']:.2%}", flush=True)
    arguments.out.write_text(json.dumps({"fold": arguments.fold, "clips": len(data), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()

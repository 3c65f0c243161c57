"""A keyword spotter for spoken digits: float32 against static int8, from log-mel features and from the wave itself.

    python audio.py --data FILE --voices FOLDER

FILE is a ZIP of the Free Spoken Digit Dataset as DIGIT/SPEAKER-N.wav, mono, 8 kHz
(https://github.com/Jakobovski/free-spoken-digit-dataset, renamed). FOLDER gets the synthetic voices: espeak-ng
speaks them once, if it is installed.
"""

import argparse
import io
import pathlib
import subprocess
import wave
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
from scipy.signal import resample_poly

import compress
import measure
import network

RATE, SAMPLES = 8000, 8000
WINDOW, HOP, MELS = 256, 128, 24
FRAMES = (SAMPLES - WINDOW) // HOP + 1
MEAN, STD = -8.0, 4.0  # about those of the features
WORDS = "zero one two three four five six seven eight nine".split()
LABELS = WORDS + ["none"]
HELD_OUT = "s6"  # speaker
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-029")
VOICES = "m1 m2 m3 m5 m6 m7 m8 f1 f2 f4 f5 adam andy anika belinda john michael miguel steph victor zac".split()
HELD_OUT_VOICES = "m4 f3 linda quincy".split()
NOISES = (60, 50, 40, 30, 25, 20, 15, 10)  # dB


def read(file):
    with wave.open(file) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768
        rate = sound.getframerate()
    if rate != RATE:
        samples = resample_poly(samples, RATE, rate).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[max(0, loud[0] - 200):loud[-1] + 400]


def recordings(file):
    """(samples, digit, speaker) of the data set."""
    with zipfile.ZipFile(file) as archive:
        for name in sorted(archive.namelist()):
            digit, speaker = name.split("/")[0], name.split("/")[1].split("-")[0]
            yield read(io.BytesIO(archive.read(name))), int(digit), speaker


def spoken(folder):
    """(samples, digit, voice) by espeak-ng."""
    folder.mkdir(parents=True, exist_ok=True)
    for voice in VOICES + HELD_OUT_VOICES:
        for accent in ACCENTS:
            for digit, word in enumerate(WORDS):
                file = folder / f"{digit}-{accent}-{voice}.wav"
                if not file.exists():
                    subprocess.run(["espeak-ng", "-v", f"{accent}+{voice}", "-s", "150", "-w", str(file), word], check=True)
                yield read(str(file)), digit, voice


def placed(samples, random=None):
    """One second, with the word in the middle or anywhere."""
    samples = samples[:SAMPLES]
    at = (SAMPLES - len(samples)) // 2 if random is None else random.integers(0, SAMPLES - len(samples) + 1)
    return np.pad(samples, (at, SAMPLES - len(samples) - at))


def noise(random, count):
    """Noise of any colour, of size 1."""
    spectrum = np.fft.rfft(random.normal(size=(count, SAMPLES)))
    slope = random.uniform(0, 1, (count, 1))
    sound = np.fft.irfft(spectrum / np.arange(1, spectrum.shape[1] + 1) ** slope)
    return (sound / sound.std(1, keepdims=True)).astype(np.float32)


def mel_weights():
    """[bins, mels]: triangles, from 60 Hz to 3,800 Hz."""
    def mel(f):
        return 2595 * np.log10(1 + f / 700)
    points = 700 * (10 ** (np.linspace(mel(60), mel(3800), MELS + 2) / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    up = (bins[:, None] - points[:-2]) / (points[1:-1] - points[:-2])
    down = (points[2:] - bins[:, None]) / (points[2:] - points[1:-1])
    return np.maximum(0, np.minimum(up, down)).astype(np.float32)


HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@jax.jit
def features(waves):
    """[N, samples] to [N, frames, mels]: logarithms of the power in each band."""
    at = np.arange(FRAMES)[:, None] * HOP + np.arange(WINDOW)
    spectrum = jnp.fft.rfft(waves[:, at] * HANN)
    return jnp.log((jnp.abs(spectrum) ** 2) @ mel_weights() + 1e-6)


def net(o, x):
    """A convolution of 24 filters over [time, mel] by steps of 2, three depthwise-separable blocks of 40, 64 and 96, the mean over
    time and bands, 11 classes."""
    x = o.scaled(o.shifted(o.channel(x), -MEAN), 1 / STD)
    x = o.relu(o.conv(x, "conv", 24, 5, 2))
    width = 24
    for k, filters in enumerate((40, 64, 96)):
        x = o.relu(o.conv(x, f"depthwise{k}", width, 3, 2 if k == 1 else 1, width))
        x = o.relu(o.conv(x, f"pointwise{k}", filters, 1))
        width = filters
    return o.linear(o.mean(x), "words", len(LABELS))


def front(g, wave):
    """What features computes, in a graph."""
    spectrum = g.node("STFT", g.node("Unsqueeze", wave, g.whole(2)), g.const("hop", np.int64(HOP)), g.const("hann", HANN),
                      g.const("window", np.int64(WINDOW)), onesided=1)  # inference of shapes takes another default than the runtime
    power = g.node("ReduceSum", g.times(spectrum, spectrum), g.whole(3), keepdims=0)
    return g.node("Log", g.node("Add", g.node("MatMul", power, g.const("mel", mel_weights())), g.number(1e-6)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="ZIP of the recordings")
    parser.add_argument("--voices", type=pathlib.Path, required=True, help="folder for the synthetic voices")
    args = parser.parse_args()
    real, synthetic = list(recordings(args.data)), list(spoken(args.voices))
    train = [(s, d) for s, d, who in real if who != HELD_OUT] + [(s, d) for s, d, who in synthetic if who in VOICES]
    held = [(s, d) for s, d, who in real if who == HELD_OUT]
    voices = [(s, d) for s, d, who in synthetic if who in HELD_OUT_VOICES]
    print(f"{len(train)} to train, {len(held)} and {len(voices)} held out")
    random = np.random.default_rng(1)
    backgrounds = noise(random, 500)

    def varied(samples):
        """Another speed and pitch, another place."""
        up = int(random.integers(80, 126))
        return placed(resample_poly(samples, up, 100).astype(np.float32), random)

    pool = [np.stack([varied(s) for s, _ in train]) for _ in range(3)]
    digits = np.array([d for _, d in train])

    def batch(_):
        chosen = random.integers(0, len(train), 64)
        labels = digits[chosen].copy()
        waves = np.stack([pool[random.integers(len(pool))][k] for k in chosen])
        waves *= random.uniform(0.3, 1.2, (64, 1)).astype(np.float32)
        empty = random.random(64) < 0.08
        waves[empty], labels[empty] = 0, len(WORDS)
        below = 10 ** (-random.choice(NOISES, (64, 1)) / 20)
        waves = waves + (below * 0.2 * backgrounds[random.integers(0, 500, 64)]).astype(np.float32)
        return {"x": features(np.clip(waves, -1, 1)), "labels": jnp.asarray(labels)}

    def loss(net, batch):
        scores = jax.nn.log_softmax(net(batch["x"]))
        right = jnp.take_along_axis(scores, batch["labels"][:, None], 1)[:, 0]
        return -(0.95 * right + 0.05 * scores.mean(1)).mean()

    params = network.train(net, loss, batch, steps=2500, rate=0.006, seed=1, report=500)
    calibration = np.concatenate([pool[0][::12], 0.01 * backgrounds[:20]]).astype(np.float32)
    output = {"logits": ("float32", ["batch", len(LABELS)])}
    operators = ["Conv", "Relu", "GlobalAveragePool", "Gemm"]
    silence = [(0.005 * n, len(WORDS)) for n in noise(np.random.default_rng(2), 50)]

    g = network.Graph("keywords", params, {"features": ("float32", ["batch", FRAMES, MELS])}, output)
    original = g.save(net(g, "features"))
    compressed = compress.static(original, "keywords-int8", {"features": np.asarray(features(calibration))}, operators)
    chosen = [next(k for k in range(len(held)) if held[k][1] == d) + 7 * n for d in range(10) for n in range(3)]
    seeds = np.round(np.asarray(features(np.stack([placed(held[k][0]) for k in chosen]))), 2)
    np.savez_compressed(compress.MODELS.parent / "seeds" / "spoken-digits.npz", features=seeds,
                        labels=np.array([held[k][1] for k in chosen]))
    test = held + silence
    labels = np.array([d for _, d in test])
    write("keywords", [original, compressed], {"features": np.asarray(features(np.stack([placed(s) for s, _ in test])))},
          labels, {"features": seeds}, "spoken-digits.npz", f"{len(seeds)} recordings of the speaker {HELD_OUT} of the Free "
          "Spoken Digit Dataset, held out, as features rounded to 0.01 (CC BY-SA 4.0, as the data set; changed by us from sound to "
          "features), with their labels", "features", (0.1, 0.2, 0.5, 1, 2, 4), "uniform noise on each feature",
          f"[time, mel]: {FRAMES} frames of {WINDOW} samples at steps of {HOP}, at {RATE} Hz, Hann window, natural logarithm of "
          f"1e-6 plus the power in {MELS} triangular bands, so from -13.8, silence, to about 9, as `features` in `training/audio.py`. Held out: the speaker {HELD_OUT} and "
          "50 noises")

    g = network.Graph("keywords-wave", params, {"wave": ("float32", ["batch", SAMPLES])}, output)
    original = g.save(net(g, front(g, "wave")))
    compressed = compress.static(original, "keywords-wave-int8", {"wave": calibration}, operators)
    test = held + voices + silence
    labels = np.array([d for _, d in test])
    seeds = []
    model = measure.Model(original)
    for d in range(10):  # the first that the original knows
        good = [s for s, digit in voices if digit == d and
                model({"wave": placed(s)[None]})["logits"].argmax() == d][:1]
        seeds += [(s, d) for s in good]
    folder = compress.MODELS.parent / "seeds" / "voices"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.wav"):
        old.unlink()
    rows = []
    for samples, digit in seeds:
        whole = np.round(samples * 16383).astype(np.int16)[:SAMPLES]
        with wave.open(str(folder / f"{WORDS[digit]}.wav"), "wb") as sound:
            sound.setparams((1, 2, RATE, 0, "NONE", ""))
            sound.writeframes(whole.tobytes())
        rows.append(np.pad(whole, (0, SAMPLES - len(whole))).astype(np.float32) / 32768)
    write("keywords-wave", [original, compressed], {"wave": np.stack([placed(s) for s, _ in test])}, labels,
          {"wave": np.stack(rows)}, "voices", f"{len(seeds)} WAV files of up to one second, 16 bits, spoken by espeak-ng in voices that "
          "were held out and that the original knows; the word is the file's name. Silence "
          "follows up to one second", "wave", (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1), "uniform noise on each sample",
          f"one second of sound at {RATE} Hz from -1 to 1, with the word anywhere in it; the features of the pair keywords are made in the "
          f"graph (STFT), in float. Held out: the speaker {HELD_OUT}, four voices in five accents and 50 noises")


def write(name, files, feed, labels, seeds, seeds_file, seeds_are, part, sizes, unit, how):
    models = [measure.Model(p) for p in files]
    answers = [m(feed)["logits"].argmax(1) for m in models]

    def deviates(a, b):
        return a["logits"].argmax(1) != b["logits"].argmax(1)

    def move(row, size, random):
        return {part: row[part] + random.uniform(-size, size, row[part].shape).astype(np.float32)}

    measure.card(
        name, kind="signal", task="classification", what="which of ten digits is spoken, or none", data="Free Spoken Digit "
        "Dataset (CC BY-SA 4.0, Zohar Jackson and others): 3,000 recordings by six speakers, of whom one is held out, and the ten words spoken by "
        f"espeak-ng in {len(VOICES) + len(HELD_OUT_VOICES)} voices of {len(ACCENTS)} accents, of which {len(HELD_OUT_VOICES)} voices are held out; "
        "other speeds, places and noises in training", how=how, original=net.__doc__.replace("\n    ", " ") +
        " Trained in JAX with AdamW, 2,500 steps of 64 sounds", compression=compress.STATIC.format(
            rows="296 training sounds and 20 noises") + "; convolutions, the mean and the last layer have 8 bits", metric="accuracy",
        models=models, scores=[(a == labels).mean() for a in answers], agreement=(answers[0] == answers[1]).mean(), rows=len(labels),
        seeds=seeds_file, seeds_are=seeds_are, found=measure.near(models, seeds, deviates, move, sizes), unit=unit, script="audio.py",
        labels=LABELS)


if __name__ == "__main__":
    main()

"""Writes the sounds of this folder, each with the samples 0, 0.5, -0.5, 0.25, -1, 0.75, by libraries that are not ours:
Python's wave, and soundfile (libsndfile). Run it as `python3 make_files.py`."""
import wave
import numpy as np
import soundfile as sf

values = np.array([0, 0.5, -0.5, 0.25, -1, 0.75])
for channels, name in [(1, "mono"), (2, "stereo")]:
    frames = values.reshape(-1, channels)
    for bits, subtype in [(8, "PCM_U8"), (16, "PCM_16"), (24, "PCM_24"), (32, "PCM_32"), (32, "FLOAT"), (64, "DOUBLE")]:
        kind = "float" if subtype in ("FLOAT", "DOUBLE") else "pcm"
        sf.write(f"sndfile-{name}-{kind}-{bits}.wav", frames, 8000, subtype=subtype)
        sf.write(f"extensible-{name}-{kind}-{bits}.wav", frames, 8000, subtype=subtype, format="WAVEX")
    with wave.open(f"wave-{name}-pcm-16.wav", "wb") as w:
        w.setnchannels(channels)
        w.setsampwidth(2)
        w.setframerate(8000)
        w.writeframes((frames * 32768).astype("<i2").tobytes())

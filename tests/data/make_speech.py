"""Makes tests/data/speech/: our sentences, spoken by Debian's flite. Run by hand when a
sentence changes.

apt-get install flite && python -m tests.data.make_speech
"""

import json
import subprocess
import tempfile
from pathlib import Path

import av

HERE = Path(__file__).parent
VOICES = {"rms": 1.0, "slt": 1.25, "awb": 1.0, "kal16": 1.1}


def spoken(text: str, voice: str, stretch: float, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "x.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}"]
        subprocess.run([*command, "-t", text, "-o", str(wav)], check=True)
        with av.open(str(wav)) as source, av.open(str(target), "w", format="ogg") as out:
            stream = out.add_stream("libopus", rate=16_000)
            stream.layout = "mono"
            stream.bit_rate = 24_000
            resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
            for frame in (*source.decode(audio=0), None):
                for part in resampler.resample(frame):
                    part.pts = None
                    out.mux(stream.encode(part))
            out.mux(stream.encode(None))


def main() -> None:
    (HERE / "speech").mkdir(exist_ok=True)
    for number, (text, _syllables) in enumerate(json.loads((HERE / "sentences.json").read_text())):
        for voice, stretch in VOICES.items():
            spoken(text, voice, stretch, HERE / "speech" / f"{voice}-{number:02}.ogg")


if __name__ == "__main__":
    main()

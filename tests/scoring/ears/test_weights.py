"""Only the right bytes are ever written or loaded, whoever brings them."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import urllib.error
import zipfile
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from opic.lib.stores import ear_weights
from scoring.ears import weights, weights_sources
from scoring.ears.weights import File, Model, WeightsError

CONTENT = {
    "config.json": b"{}",
    "model.bin": bytes(range(256)) * 9000,
    "tokenizer.json": b'{"a": 1}',
    "vocabulary.txt": b"a\nb\n",
}


def small(content=CONTENT):
    files = {
        name: File(len(data), hashlib.sha256(data).hexdigest()) for name, data in content.items()
    }
    return Model(
        files, ("trial-weights-one", "trial-weights-two"), "0" * 40, "requirements-ears.txt"
    )


@pytest.fixture(autouse=True)
def small_models(monkeypatch):
    """The real table would need the real files."""
    monkeypatch.setattr(weights, "MODELS", {"base": small(), "tiny.en": small()})
    monkeypatch.setattr(weights_sources, "MODELS", weights.MODELS)


@pytest.fixture
def given(tmp_path):
    """A folder with the four files, as an operator has it."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name, data in CONTENT.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def saved_names(data_dir):
    return sorted(path.name for path in (data_dir / "ears").rglob("*") if path.is_file())


def test_the_right_files_are_written_for_this_account_alone(given, data_dir):
    folder = weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    assert folder == data_dir / "ears" / "base"
    assert {name: (folder / name).read_bytes() for name in CONTENT} == CONTENT
    assert weights_sources.is_saved(data_dir, "base")
    assert weights.verify(folder, "base") == weights.MODELS["base"].files["model.bin"].sha256
    for path in (folder, *folder.iterdir()):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_a_second_time_writes_nothing(given, data_dir):
    folder = weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    before = (folder / "model.bin").stat()
    weights_sources.save(data_dir, "base", {})
    after = (folder / "model.bin").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("change", ["other", "shorter", "longer", "missing"])
def test_a_wrong_file_is_refused_by_its_name_and_nothing_is_written(given, data_dir, name, change):
    data = CONTENT[name]
    if change == "missing":
        (given / name).unlink()
    else:
        other = data[:-1] + bytes([data[-1] ^ 1])
        made = {"other": other, "shorter": data[:-1], "longer": data + b"x"}
        (given / name).write_bytes(made[change])
    with pytest.raises(WeightsError, match=name.replace(".", r"\.")):
        weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    assert not weights_sources.is_saved(data_dir, "base")
    assert not ear_weights.are_there(data_dir, "base")
    assert saved_names(data_dir) in ([], [".lock"]) if data_dir.exists() else True


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("change", ["other", "shorter", "gone"])
def test_files_that_changed_later_are_not_loaded(given, data_dir, name, change):
    folder = weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    data, times = CONTENT[name], (folder / name).stat()
    if change == "gone":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data[:-1] + (b"?" if change == "other" else b""))
        # the quick look at the start may be deceived; what is loaded is read in full
        os.utime(folder / name, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(WeightsError, match=name.replace(".", r"\.")):
        weights.verify(folder, "base")
    assert weights_sources.is_saved(data_dir, "base") is (change == "other")


def test_wrong_files_are_replaced_by_the_right_ones(given, data_dir):
    folder = weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    (folder / "model.bin").write_bytes(b"broken")
    assert not weights_sources.is_saved(data_dir, "base")
    weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    assert weights.verify(folder, "base")
    assert {path.name for path in folder.parent.iterdir()} == {"base", ".lock"}


def test_what_a_killed_process_left_goes_away(given, data_dir):
    left = data_dir / "ears" / ".base-new-abc"
    left.mkdir(parents=True)
    (left / "model.bin").write_bytes(b"half")
    weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    assert {path.name for path in (data_dir / "ears").iterdir()} == {"base", ".lock"}


def test_two_at_once_end_with_one_whole_model(given, data_dir):
    written, errors = [], []
    source = weights_sources.from_path(given)
    first = source["model.bin"][0]
    source["model.bin"] = [lambda: written.append(1) or first()]

    def work():
        try:
            weights_sources.save(data_dir, "base", source)
        except Exception as exc:  # noqa: BLE001 - told below
            errors.append(exc)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert written == [1]
    assert weights.verify(data_dir / "ears" / "base", "base")


def test_halves_and_archives_are_read(given, data_dir, tmp_path):
    whole = (given / "model.bin").read_bytes()
    (given / "model.bin").unlink()
    (given / "model.bin.part2").write_bytes(whole[1000:])
    (given / "model.bin.part1").write_bytes(whole[:1000])
    archive = tmp_path / "files.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in given.iterdir():
            out.write(path, f"deep/er/{path.name}")
    weights_sources.save(data_dir, "base", weights_sources.from_path(given))
    weights_sources.save(data_dir, "tiny.en", weights_sources.from_path(archive))
    for name in ("base", "tiny.en"):
        assert weights.verify(data_dir / "ears" / name, name)


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"abc")
    with pytest.raises(WeightsError, match="neither a folder nor a zip"):
        weights_sources.from_path(path)


def install(folder, package, files):
    """Lay down an installed package whose code must not run."""
    module = package.replace("-", "_")
    info = folder / f"{module}-1.0.dist-info"
    (folder / module / "data").mkdir(parents=True)
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (folder / module / "__init__.py").write_text("raise SystemExit('code of a carrier ran')\n")
    names = [f"{module}/__init__.py", *(f"{module}/data/{name}" for name in files)]
    for name, data in files.items():
        (folder / module / "data" / name).write_bytes(data)
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))


def test_packages_are_read_as_files_and_their_code_never_runs(data_dir, tmp_path, monkeypatch):
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(str(packages))
    with pytest.raises(WeightsError, match="trial-weights-one: this package is not installed"):
        weights_sources.from_packages("base")
    others = {name: data for name, data in CONTENT.items() if name != "model.bin"}
    model = CONTENT["model.bin"]
    install(packages, "trial-weights-one", {**others, "model.bin.part1": model[:77]})
    with pytest.raises(WeightsError, match="trial-weights-two"):
        weights_sources.from_packages("base")
    install(packages, "trial-weights-two", {"model.bin.part2": model[77:]})
    weights_sources.save(data_dir, "base", weights_sources.from_packages("base"))
    assert weights.verify(data_dir / "ears" / "base", "base")
    assert not {"trial_weights_one", "trial_weights_two"} & set(sys.modules)


def test_the_maker_is_asked_at_the_revision_that_was_compared(data_dir):
    asked = []

    def urlopen(url, timeout):
        asked.append(url)
        return io.BytesIO(CONTENT[url.rsplit("/", 1)[1]])

    with mock.patch("urllib.request.urlopen", urlopen):
        weights_sources.save(data_dir, "base", weights_sources.from_maker("base"))
    assert len(asked) == 4
    assert all(f"/resolve/{'0' * 40}/" in url for url in asked)
    assert all(url.startswith(f"https://{weights_sources.MAKER_HOST}/") for url in asked)


def test_a_maker_who_cannot_be_reached_is_one_line(data_dir):
    error = urllib.error.URLError("no route to host")
    with (
        mock.patch("urllib.request.urlopen", side_effect=error),
        pytest.raises(WeightsError, match=r"config\.json: it cannot be fetched: no route to host"),
    ):
        weights_sources.save(data_dir, "base", weights_sources.from_maker("base"))


def test_an_own_folder_is_compared_with_its_sums_or_with_nothing(given):
    model = str(given)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in CONTENT.items()]
    assert weights.verify(given, model) == hashlib.sha256(CONTENT["model.bin"]).hexdigest()
    (given / weights.SUMS).write_text("\n".join(sums))
    assert weights.verify(given, model)
    (given / "tokenizer.json").write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        weights.verify(given, model)
    (given / weights.SUMS).write_text("\n".join(sums[:1]))
    with pytest.raises(WeightsError, match=r"model\.bin"):
        weights.verify(given, model)


class TestCommand:
    @pytest.fixture(autouse=True)
    def _settings(self, settings, data_dir):
        settings.DATA_DIR, settings.OPIC_LOCAL_EARS = data_dir, "base"

    def run(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("opic.lib.outgoing.install"):
            call_command("fetch_ears", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_it_fetches_from_a_folder_and_says_next_time_that_they_are_there(self, given, data_dir):
        assert "are right" in self.run("--from", str(given))[0]
        assert "are there, and right" in self.run()[0]
        assert "are right" in self.run("--tiny", "--from", str(given))[0]
        assert (data_dir / "ears" / "tiny.en" / "model.bin").exists()

    def test_it_says_of_each_place_why_nothing_came(self, data_dir):
        error = urllib.error.URLError("no network")
        err = io.StringIO()
        with (
            mock.patch("urllib.request.urlopen", side_effect=error),
            mock.patch("opic.lib.outgoing.install") as allowed,
            pytest.raises(CommandError, match=r"requirements-ears\.txt"),
        ):
            call_command("fetch_ears", stdout=io.StringIO(), stderr=err)
        assert len(err.getvalue().splitlines()) == 2
        # the guard lets this one process ask the maker, and names no other host
        (contacts,) = allowed.call_args.args
        assert weights_sources.MAKER_HOST in {contact.host for contact in contacts}

    def test_of_an_own_folder_it_says_what_was_compared(self, given, settings):
        settings.OPIC_LOCAL_EARS = str(given)
        assert "compared with nothing" in self.run()[0]
        (given / "config.json").unlink()
        with pytest.raises(CommandError, match=r"config\.json: it cannot be read"):
            self.run()

    def test_a_restored_copy_is_checked_once_more(self, given, data_dir):
        self.run("--from", str(given))
        os.utime(data_dir / "ears" / "base" / "model.bin")
        assert not weights_sources.is_saved(data_dir, "base")
        assert "are there, and right" in self.run()[0]
        assert weights_sources.is_saved(data_dir, "base")


class TestPrepare:
    def test_it_says_in_one_line_what_is_missing_and_how_to_get_it(self, data_dir, monkeypatch):
        line = weights_sources.prepare(data_dir, "base")
        monkeypatch.setattr(weights_sources, "ENGINE", "no_such_engine")
        other = weights_sources.prepare(data_dir, "base")
        for text in (line, other):
            assert text.count("\n") == 0
            assert "make ears" in text
        assert "faster-whisper is not installed" in other

    def test_where_they_are_it_says_nothing(self, given, data_dir, monkeypatch):
        monkeypatch.setattr(weights_sources, "ENGINE", "json")
        weights_sources.save(data_dir, "base", weights_sources.from_path(given))
        assert weights_sources.prepare(data_dir, "base") == ""
        assert "four files" in weights_sources.prepare(data_dir, "/nowhere")


def test_the_check_needs_nothing_of_django():
    code = (
        "import sys, scoring.ears.weights as _;"
        "print([name for name in sys.modules if 'django' in name or 'numpy' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []

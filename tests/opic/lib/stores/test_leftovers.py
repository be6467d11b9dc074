"""What killed processes leave is removed, and nothing else."""

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from opic.lib.stores import disk, leftovers


class LeftoverTests(SimpleTestCase):
    def setUp(self):
        self.uploads = Path(tempfile.mkdtemp())
        self.temp = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.uploads)
        self.addCleanup(shutil.rmtree, self.temp)
        before, tempfile.tempdir = tempfile.tempdir, str(self.temp)
        self.addCleanup(setattr, tempfile, "tempdir", before)

    def make(self, path, *, hours):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"speech")
        self.age(path, hours)
        return path

    def age(self, path, hours):
        when = time.time() - 3600 * hours
        os.utime(path, (when, when))

    def old_folder(self, name, *, hours, content="answer.m4a"):
        self.make(self.temp / name / content, hours=hours)
        self.age(self.temp / name, hours)
        return self.temp / name

    def test_older_than_an_hour_goes_and_younger_stays(self):
        old = self.make(self.uploads / "tmpabc.upload", hours=2)
        young = self.make(self.uploads / "tmpdef.upload", hours=0.5)
        folder = self.old_folder("opic-ab_c1234", hours=2)
        fresh = self.old_folder("opic-zb_c1234", hours=0.5)
        with override_settings(FILE_UPLOAD_TEMP_DIR=self.uploads):
            assert leftovers.sweep() == 2
        assert (old.exists(), folder.exists()) == (False, False)
        assert (young.exists(), fresh.exists()) == (True, True)

    def test_folders_of_others_stay(self):
        strangers = [
            self.old_folder("opic-tests-abcd1234", hours=9),
            self.old_folder("opic-abcd1234", hours=9, content="thesis.txt"),
            self.old_folder("opic-short", hours=9),
        ]
        (self.temp / "opic-linkabcd").symlink_to(self.uploads)
        with override_settings(FILE_UPLOAD_TEMP_DIR=self.uploads):
            assert leftovers.sweep() == 0
        assert all(folder.exists() for folder in strangers)
        assert self.uploads.exists()

    def test_a_folder_that_is_not_there_is_no_fault(self):
        with override_settings(FILE_UPLOAD_TEMP_DIR=self.uploads / "never"):
            assert leftovers.sweep() == 0

    def test_the_caretaker_sweeps_at_the_first_request_once_a_process(self):
        old = self.make(self.uploads / "tmpabc.upload", hours=2)
        caretaker = leftovers.Caretaker()
        with override_settings(FILE_UPLOAD_TEMP_DIR=self.uploads):
            before = threading.active_count()
            for _ in range(3):
                caretaker.be_there()
            until = time.monotonic() + 10
            while old.exists():
                assert time.monotonic() < until
                time.sleep(0.01)
        assert threading.active_count() == before + 1


class DiskTests(SimpleTestCase):
    def test_it_is_told_when_it_gets_tight(self):
        assert 0 < disk.percent_used() < 100
        with override_settings(OPIC_DISK_FULL_PERCENT=disk.percent_used() / 2):
            assert disk.is_full()
            with self.assertLogs("opic.lib.stores.disk", "WARNING") as log:
                disk.warn()
        assert len(log.records) == 1

    @override_settings(DATA_DIR=settings.DATA_DIR / "nowhere")
    def test_a_disk_that_cannot_be_asked_is_not_called_full(self):
        assert not disk.is_full()

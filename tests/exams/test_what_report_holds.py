"""Words on screen are true in each set-up: what is promised, what a test is called afterwards."""

import re
from datetime import timedelta

from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from accounts import consents
from accounts.models import Notice
from accounts.texts.notices import words_of
from exams import closing, labels
from exams.models import Attempt
from exams.what_report_holds import ReportKind, holds_text, report_kind_for
from tests.exams.cases import ExamCase, make_attempt, make_item_response, make_measured_item

LANGUAGES = ("en", "ko", "vi")
HEARS_TOO = {"OPIC_HAS_LOCAL_EARS": True}
# settings, whether the person lets a model rate, and what a report holds then
SET_UPS = (
    ({"OPIC_RATER": "fluency", "OPIC_EARS": "none"}, False, ReportKind.MEASURES),
    ({"OPIC_RATER": "builtin", "OPIC_EARS": "local"}, False, ReportKind.WORDS),
    ({"OPIC_RATER": "builtin", "OPIC_EARS": "gemini"}, False, ReportKind.MEASURES),
    ({"OPIC_RATER": "gemini", "OPIC_EARS": "gemini"}, False, ReportKind.MEASURES),
    ({**HEARS_TOO, "OPIC_RATER": "gemini", "OPIC_EARS": "gemini"}, False, ReportKind.WORDS),
    ({"OPIC_RATER": "gemini", "OPIC_EARS": "local"}, False, ReportKind.WORDS),
    ({"OPIC_RATER": "gemini", "OPIC_EARS": "gemini"}, True, ReportKind.LEVEL),
)
# what nobody may read where nothing is rated, and where nobody hears
OF_RATINGS = {
    "en": r"\b(un)?rat(ed|ing|ings)\b|\blevels?\b|\bevidence\b|\bfloor\b|\bceiling\b",
    "ko": "평가|등급",
    "vi": r"chấm|\bcấp\b",
}
OF_WORDS = {
    "en": r"transcript|listen(ed|ing) to (your|answers)|listened to|what was heard|\bwhy\b",
    "ko": "들은 내용|받아쓴|듣고 있",
    "vi": r"bản ghi lời|đang nghe|những gì nghe",
}


def text_of(page):
    """Return the words of the main part of a page, without tags, scripts and the holds line."""
    html = page.content.decode()
    main = re.search(r"<main.*?</main>", html, re.S)[0]
    main = re.sub(r'<p class="report-holds">.*?</p>', " ", main, flags=re.S)
    main = re.sub(r'<p[^>]* data-about="real-exam">.*?</p>', " ", main, flags=re.S)
    main = re.sub(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', " ", main, flags=re.S)
    main = re.sub(r"<script.*?</script>|<option.*?</option>", " ", main, flags=re.S)
    attributes = " ".join(re.findall(r'aria-label="([^"]*)"', main))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main) + " " + attributes)


class WordsOnScreenTests(ExamCase):
    def setUp(self):
        super().setUp()
        # a page leaves its language behind
        self.addCleanup(translation.activate, "en")
        self.made = make_attempt(self.candidate)

    def agree(self, agrees):
        kinds = ["abroad"] if agrees else []
        consents.withdraw(self.candidate, "abroad")
        consents.give(self.candidate, kinds)

    def pages(self, language):
        """Yield a name and the page of each place that speaks of tests."""
        self.client.cookies["django_language"] = language
        Attempt.objects.update(status="abandoned")  # the list promises nothing of an open one
        yield "list", self.client.get(reverse("exams:attempt-list"))
        Attempt.objects.update(status="preparing")
        yield "set-up", self.client.get(reverse("exams:attempt-create"))
        yield "sitting", self.client.get(self.url("attempt-detail", self.made))

    def reports(self, attempt, language):
        self.client.cookies["django_language"] = language
        yield "report", self.client.get(self.url("attempt-detail", attempt))
        yield "list", self.client.get(reverse("exams:attempt-list"))

    def assert_true(self, text, language, kind, where):
        for of, pattern in (("ratings", OF_RATINGS), ("words", OF_WORDS)):
            if of == "ratings" and kind is ReportKind.LEVEL:
                continue
            if of == "words" and kind is not ReportKind.MEASURES:
                continue
            match = re.search(pattern[language], text, re.I)
            around = text[max(0, match.start() - 60) : match.end() + 40] if match else ""
            assert match is None, (where, language, kind, around)

    def test_the_table_has_every_kind(self):
        assert {kind for _changes, _agrees, kind in SET_UPS} == set(ReportKind)

    def test_before_a_test_each_set_up_says_what_its_report_holds(self):
        for changes, agrees, kind in SET_UPS:
            with override_settings(**changes):
                self.agree(agrees)
                assert report_kind_for(self.candidate) is kind, changes
                for language in LANGUAGES:
                    for where, page in self.pages(language):
                        with translation.override(language):
                            self.assertContains(page, holds_text(kind), html=False)
                        self.assert_true(text_of(page), language, kind, where)

    def measured(self):
        self.made.start()
        self.through(self.made, 7)
        for item in self.made.items.select_related("revision__prompt", "attempt__candidate"):
            make_measured_item(item)
        self.made.submit()
        return self.made

    def test_a_report_of_measures_speaks_of_no_rating_before_and_after_it_is_made(self):
        attempt = self.measured()
        for closes in (False, True):
            if closes:
                closing.close_if_final(str(attempt.pk))
            for changes, agrees, kind in SET_UPS[:-1]:
                with override_settings(**changes):
                    self.agree(agrees)
                    for language in LANGUAGES:
                        for where, page in self.reports(attempt, language):
                            self.assert_true(text_of(page), language, kind, where)

    def test_the_notice_promises_what_the_report_has(self):
        attempt = self.measured()
        closing.close_if_final(str(attempt.pk))
        notice = Notice.objects.get()
        for language in LANGUAGES:
            with translation.override(language):
                words = words_of(notice)
                self.assert_true(
                    f"{words.title} {words.body}", language, ReportKind.MEASURES, "notice"
                )

    def test_a_test_is_finished_and_has_the_range_for_a_badge_only_where_it_has_one(self):
        attempt = self.measured()
        assert labels.attempt_badge(attempt) == "handed in"
        closing.close_if_final(str(attempt.pk))
        attempt = Attempt.objects.for_page().get(pk=attempt.pk)
        assert labels.attempt_badge(attempt) == "finished"
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_item_response(item, "MP")
        closing.close_if_final(str(attempt.pk))
        attempt = Attempt.objects.for_page().get(pk=attempt.pk)
        assert "\u2011" in labels.attempt_badge(attempt)

    def test_where_ratings_may_come_the_report_says_so(self):
        attempt = self.measured()
        Attempt.objects.filter(pk=attempt.pk).update(
            submitted_at=attempt.submitted_at - timedelta(minutes=3)
        )
        attempt.items.filter(number=7).update(response=None)
        closing.close_if_final(str(attempt.pk))
        changes, agrees, _kind = SET_UPS[-1]
        with override_settings(**changes):
            self.agree(agrees)
            page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "When ratings come, the level fills in here by itself.")
        self.assertContains(page, "Question by question")  # what there is by now

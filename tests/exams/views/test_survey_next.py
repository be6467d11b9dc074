"""The survey leads back to the page that led to it, else to the test."""

from django.urls import reverse

from exams.survey import answers as survey_answers
from exams.survey import rules as survey_rules
from tests.exams.cases import PRESET, ExamCase
from tests.factories import make_prompt

HX = {"HX-Request": "true"}
BACK = "/practice/?topic=films"
QUERY = "?next=%2Fpractice%2F%3Ftopic%3Dfilms"


class NextTests(ExamCase):
    def part(self, number, query=QUERY):
        return reverse("exams:survey-part", args=[number]) + query

    def last_fields(self):
        return survey_rules.preset(PRESET)[1]

    def test_it_goes_along_from_the_start_to_the_last_part_and_back(self):
        reply = self.client.get(reverse("exams:survey-start") + QUERY)
        assert reply["Location"] == self.part(1)
        page = self.client.get(self.part(1)).content.decode()
        for part in survey_rules.PARTS:
            assert f'href="{self.part(part)}"' in page
        assert page.count(f'hx-post="{self.part(1)}"') > 1
        assert f'action="{reverse("exams:survey-preset", args=[PRESET])}{QUERY}"' in page
        assert self.client.post(self.part(3), {"dwelling": "alone"})["Location"] == self.part(4)
        reply = self.client.post(self.part(3), {"dwelling": "alone"}, headers=HX)
        assert reply["HX-Push-Url"] == self.part(4)
        assert self.client.post(self.part(4), self.last_fields())["Location"] == BACK
        reply = self.client.post(self.part(4), self.last_fields(), headers=HX)
        assert reply["HX-Redirect"] == BACK

    def test_a_ready_set_and_its_undo_keep_it(self):
        preset = reverse("exams:survey-preset", args=[PRESET]) + QUERY
        assert self.client.post(preset)["Location"] == self.part(4)
        undo = reverse("exams:survey-undo") + QUERY
        assert f'action="{undo}"' in self.client.get(self.part(4)).content.decode()
        assert self.client.post(undo)["Location"] == reverse("exams:survey-start") + QUERY

    def test_without_one_and_with_one_of_another_site_it_leads_to_the_test(self):
        test = reverse("exams:attempt-create")
        for query in ("", "?next=//evil.example/", "?next=https://evil.example/", "?next=home"):
            with self.subTest(query):
                page = self.client.get(self.part(4, query)).content.decode()
                assert f'hx-post="{self.part(4, "")}"' in page
                reply = self.client.post(self.part(4, query), self.last_fields())
                assert reply["Location"] == test

    def test_an_odd_one_breaks_no_header(self):
        for query in ("?next=/a%0d%0aX-Y:%20z", "?next=/%ED%95%9C/"):
            with self.subTest(query):
                fields = self.last_fields()
                reply = self.client.post(self.part(4, query), fields, headers=HX)
                assert reply["HX-Redirect"].isascii()
                assert "X-Y" not in reply.headers

    def test_practice_and_the_exam_day_name_themselves(self):
        make_prompt()
        start = reverse("exams:survey-start")
        page = self.client.get(reverse("practice:prompt-list"), {"step": "all"})
        self.assertContains(page, f'"{start}?next=%2Fpractice%2F%3Fstep%3Dall"')
        self.assertContains(self.client.get(reverse("exam-day")), f'"{start}?next=/eve/"')
        survey_answers.take_preset(self.candidate, PRESET)
        self.assertContains(self.client.get(reverse("exam-day")), f'"{start}?next=/eve/"')

    def test_home_names_itself(self):
        make_prompt()
        page = self.client.get(reverse("home"))
        self.assertContains(page, f'"{reverse("exams:survey-start")}?next=/"')

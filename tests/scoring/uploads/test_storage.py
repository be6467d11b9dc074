"""All sound files of an answer are known, and go with it."""

from django.test import TestCase
from django.urls import reverse

from scoring.models import Rating, Response, audio_storage
from scoring.uploads.storage import files_of
from tests.factories import make_measured, make_take, make_user


class DeletionTests(TestCase):
    def test_deleting_takes_the_spoken_answer_too(self):
        person = make_user()
        response = make_measured(person)
        name = audio_storage().save(f"audio/{person.pk}/x.m4a", response.audio.file)
        Rating.objects.filter(response=response).update(spoken=name)
        take = make_take(person, response.revision.prompt, response)
        assert set(files_of(Response.objects.filter(pk=take.pk))) == {name, response.audio.name}
        self.client.force_login(person)
        self.client.post(reverse("practice:take-delete", args=[take.pk]))
        assert not audio_storage().exists(name)

from django.urls import path

from materials import views

app_name = "materials"
urlpatterns = [path("clips/<uuid:clip_id>/", views.clip_audio, name="clip-audio")]

"""The words of the survey, the steps and the report, our own; the data has only names."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

QUESTIONS: dict[str, Text] = {
    "work": _("Which field do you work in?"),
    "teaches": _("Where do you teach?"),
    "has_job": _("Do you have a job now?"),
    "how_long": _("How long have you been working?"),
    "how_long_teaching": _("How long have you been teaching?"),
    "manages": _("Do you lead other people at work?"),
    "manages_teachers": _("Do you lead other teachers?"),
    "student": _("Are you a student now?"),
    "course": _("What kind of course are you taking?"),
    "last_course": _("What was your last course?"),
    "dwelling": _("How do you live?"),
}
_YES_NO: dict[str, Text] = {"yes": _("Yes"), "no": _("No")}
_COURSES: dict[str, Text] = {
    "degree": _("A degree programme"),
    "lifelong": _("A course for my profession"),
    "language": _("A language class"),
}
CHOICES: dict[str, dict[str, Text]] = {
    "work": {
        "company": _("A company or a business"),
        "home-business": _("Work from home, or a business of my own"),
        "teacher": _("Teaching"),
        "military": _("Military service"),
        "none": _("I have not worked yet"),
    },
    "teaches": {
        "university": _("At a university or above"),
        "school": _("At a primary, middle or high school"),
        "lifelong": _("In lifelong learning"),
    },
    "has_job": _YES_NO,
    "how_long": {
        "first-short": _("My first job, for less than two months"),
        "first-long": _("My first job, for two months or more"),
        "experienced": _("Not my first job"),
    },
    "how_long_teaching": {
        "first-short": _("My first job, for less than two months"),
        "other-before": _("Less than two months as a teacher, with other jobs before"),
        "long": _("Two months or more"),
    },
    "manages": _YES_NO,
    "manages_teachers": _YES_NO,
    "student": _YES_NO,
    "course": _COURSES,
    "last_course": {**_COURSES, "over-five-years": _("It is more than five years ago")},
    "dwelling": {
        "alone": _("Alone, in a house or a flat"),
        "friends": _("With friends or flatmates"),
        "family": _("With my family"),
        "dormitory": _("In a student dormitory"),
        "barracks": _("In barracks"),
    },
}
LISTS: dict[str, Text] = {
    "leisure": _("In your free time"),
    "hobbies": _("Hobbies"),
    "sports": _("Sports"),
    "travel": _("Travel"),
}
ITEMS: dict[str, Text] = {
    "films": _("Films"),
    "clubs": _("Dance clubs"),
    "shows": _("Plays and musicals"),
    "concerts": _("Concerts"),
    "museums": _("Museums"),
    "art-galleries": _("Art galleries"),
    "parks": _("Parks"),
    "camping": _("Camping"),
    "beach": _("The beach"),
    "watching-sport": _("Watching sport"),
    "home-improvement": _("Doing up my home"),
    "bars": _("Bars and pubs"),
    "cafes": _("Cafés"),
    "games": _("Games (video, card, board, phone)"),
    "billiards": _("Billiards"),
    "chess": _("Chess"),
    "social-media": _("Posting on social media"),
    "messaging": _("Messaging friends"),
    "exam-class": _("Classes for an exam"),
    "tv": _("Television"),
    "reality-shows": _("Reality shows"),
    "news": _("The news"),
    "cooking-programmes": _("Cooking programmes"),
    "shopping": _("Shopping"),
    "driving": _("Driving"),
    "spa": _("Spa or massage"),
    "job-hunting": _("Looking for a job"),
    "volunteering": _("Volunteering"),
    "reading-to-children": _("Reading to children"),
    "listening-to-music": _("Listening to music"),
    "instrument": _("Playing an instrument"),
    "singing": _("Singing, alone or in a choir"),
    "dancing": _("Dancing"),
    "writing": _("Writing (letters, short pieces, poems)"),
    "drawing": _("Drawing"),
    "cooking": _("Cooking"),
    "pets": _("Keeping a pet"),
    "reading": _("Reading"),
    "investing": _("Investing in shares"),
    "newspapers": _("Newspapers"),
    "travel-reading": _("Travel magazines or blogs"),
    "photography": _("Photography"),
    "basketball": _("Basketball"),
    "baseball": _("Baseball or softball"),
    "football": _("Football (soccer)"),
    "american-football": _("American football"),
    "hockey": _("Hockey"),
    "cricket": _("Cricket"),
    "croquet": _("Croquet"),
    "golf": _("Golf"),
    "volleyball": _("Volleyball"),
    "tennis": _("Tennis"),
    "badminton": _("Badminton"),
    "table-tennis": _("Table tennis"),
    "swimming": _("Swimming"),
    "cycling": _("Cycling"),
    "skiing": _("Skiing or snowboarding"),
    "ice-skating": _("Ice skating"),
    "jogging": _("Jogging"),
    "walking": _("Walking"),
    "yoga": _("Yoga"),
    "hiking": _("Hiking"),
    "fishing": _("Fishing"),
    "gym": _("The gym"),
    "taekwondo": _("Taekwondo"),
    "exercise-class": _("An exercise class"),
    "no-exercise": _("I do no sport at all"),
    "business-trip-home": _("Business trips at home"),
    "business-trip-abroad": _("Business trips abroad"),
    "holiday-at-home": _("Holidays spent at home"),
    "domestic-travel": _("Travelling in my country"),
    "overseas-travel": _("Travelling abroad"),
}
PRESETS: dict[str, tuple[Text, Text]] = {
    "culture-and-travel": (
        _("Films, music and travel"),
        _("Few stories, many topics: shows, parks, walks and trips lie close together."),
    ),
    "quiet-days": (
        _("Quiet days"),
        _("Home, food, shopping and screens: everyday words carry far."),
    ),
    "out-of-doors": (
        _("Out of doors"),
        _("Sport, parks and trips: one weekend outside answers many questions."),
    ),
}
STEPS: dict[int, Text] = {
    1: _("I can say a few words, ten or so."),
    2: _("I can name everyday things. Whole sentences and questions are hard for me."),
    3: _(
        "I can say simple things about myself, people and places I know and my day, and ask simple"
        " questions."
    ),
    4: _(
        "I can take part in simple talk about myself, my day, work or school and what I like, and"
        " ask for what I need."
    ),
    5: _(
        "I can talk about home, work, school and what interests people, link what is, was and will"
        " be, and cope with a surprise."
    ),
    6: _(
        "I can join any conversation on work, study, interests and current affairs, and explain"
        " things exactly and in detail."
    ),
}
SHIFTS: dict[str, Text] = {
    "easier": _("Easier questions"),
    "similar": _("Similar questions"),
    "harder": _("Harder questions"),
}
MAJORS: dict[str, Text] = {
    "novice": _("Novice"),
    "intermediate": _("Intermediate"),
    "advanced": _("Advanced"),
    "not tested": _("not reached in this test"),
}
FUNCTIONS: dict[str, Text] = {
    "narration": _("telling what happened"),
    "comparison": _("comparing"),
    "problem": _("solving a problem"),
    "issue": _("explaining an issue"),
    "description": _("describing"),
    "routine": _("saying what you usually do"),
    "asking": _("asking questions"),
}
# how much of what was asked a level needs to hold
SHARES: dict[str, Text] = {
    "nearly all": _("nearly all"),
    "four in five": _("about four in five"),
    "two in three": _("about two in three"),
    "more than half": _("more than half"),
    "a third": _("about a third"),
    "some": _("some"),
}
STATES: dict[str, Text] = {
    "skipped": _("skipped"),
    "left out": _("not counted"),
}

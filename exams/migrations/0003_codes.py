"""Stored codes are words joined by underscores, no longer phrases."""

from django.db import migrations

SOURCES = {"role play": "role_play"}
FALLBACKS = {"other step": "other_step", "other topic": "other_topic"}
STATES = {"left out": "left_out"}
MAJORS = {"not tested": "not_tested"}
AT_ONCE = 500


def _turned(names):
    return {new: old for old, new in names.items()}


def _reworded(report, states, majors):
    """The same report with other codes; what it does not have stays away."""
    new = dict(report)
    if "states" in report:
        new["states"] = {
            number: states.get(state, state) for number, state in report["states"].items()
        }
    for name in ("floor", "ceiling"):
        if name in report:
            new[name] = majors.get(report[name], report[name])
    return new


def _rename(apps, sources, fallbacks, states, majors):
    items = apps.get_model("exams", "AttemptItem").objects
    for old, new in sources.items():
        items.filter(source=old).update(source=new)
    for old, new in fallbacks.items():
        items.filter(fallback=old).update(fallback=new)
    results = apps.get_model("exams", "AttemptResult").objects
    ids = list(results.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(ids), AT_ONCE):
        changed = []
        for result in results.filter(pk__in=ids[at : at + AT_ONCE]).only("pk", "report"):
            report = _reworded(result.report, states, majors)
            if report != result.report:
                result.report = report
                changed.append(result)
        results.bulk_update(changed, ["report"])


def rename(apps, schema_editor):
    _rename(apps, SOURCES, FALLBACKS, STATES, MAJORS)


def rename_back(apps, schema_editor):
    _rename(apps, *map(_turned, (SOURCES, FALLBACKS, STATES, MAJORS)))


class Migration(migrations.Migration):
    dependencies = [("exams", "0002_first_takes")]
    operations = [migrations.RunPython(rename, rename_back)]

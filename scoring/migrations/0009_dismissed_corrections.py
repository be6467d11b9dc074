import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('scoring', '0008_facts_and_ears'),
    ]

    operations = [
        migrations.CreateModel(
            name='DismissedCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('start', models.PositiveIntegerField()),
                ('dismissed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dismissed_corrections', to=settings.AUTH_USER_MODEL)),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dismissed_corrections', to='scoring.response')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('response', 'kind', 'start'), name='a_correction_is_dismissed_once')],
            },
        ),
    ]

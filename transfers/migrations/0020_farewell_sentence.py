from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0019_click_to_dial")]

    operations = [
        migrations.AlterField("farewell", "agent", models.TextField()),
    ]

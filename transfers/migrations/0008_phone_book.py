from django.db import migrations, models

from transfers.domain import bare_number


def fill(apps, schema_editor):
    Contact = apps.get_model("transfers", "Contact")
    contacts = list(Contact.objects.only("number"))
    for contact in contacts:
        contact.bare = bare_number(contact.number)
    Contact.objects.bulk_update(contacts, ["bare"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("transfers", "0007_attention")]
    operations = [
        migrations.CreateModel(
            name="PhoneBook",
            fields=[
                ("id", models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    )),
                ("version", models.CharField(max_length=32)),
            ],
        ),
        migrations.AddField(
            "contact",
            "bare",
            models.CharField(default="", editable=False, max_length=40),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "contact", "bare", models.CharField(db_index=True, editable=False, max_length=40)
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from transfers.phonebook import searched
from transfers.spelling import number_key

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def split(apps, schema_editor):
    """Each contact had one number."""
    Contact = apps.get_model("transfers", "Contact")
    ContactNumber = apps.get_model("transfers", "ContactNumber")
    for contact in Contact.objects.iterator():
        number = ContactNumber.objects.create(
            contact=contact,
            number=contact.number,
            key=number_key(contact.number),
            connection_id=contact.connection_id,
        )
        text = searched(contact.name, contact.department, [], [number])
        Contact.objects.filter(pk=contact.pk).update(text=text)


class Migration(migrations.Migration):
    dependencies = [("transfers", "0010_agents_signed_on")]
    operations = [
        migrations.CreateModel(
            name="ContactGroup",
            fields=[("id", ID), ("name", models.CharField(max_length=60, unique=True))],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="ContactNumber",
            fields=[
                ("id", ID),
                ("number", models.CharField(max_length=64)),
                ("label", models.CharField(blank=True, max_length=30)),
                ("key", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_numbers",
                        to="transfers.pbxconnection",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbers",
                        to="transfers.contact",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="DialPrefix",
            fields=[
                ("id", ID),
                ("prefix", models.CharField(blank=True, max_length=10)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dial_prefixes",
                        to="transfers.pbxconnection",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="transfers.pbxconnection",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["connection", "other"], name="one_prefix_per_way"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("other", None)),
                        fields=["connection"],
                        name="one_prefix_outside",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", ID),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favoured",
                        to="transfers.contact",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "contact"], name="one_favourite_per_contact"
                    )
                ]
            },
        ),
        migrations.AddField(
            "contact", "notes", models.TextField(blank=True, default="", max_length=1000),
            preserve_default=False,
        ),
        migrations.AddField(
            "contact",
            "groups",
            models.ManyToManyField(
                blank=True, related_name="contacts", to="transfers.contactgroup"
            ),
        ),
        migrations.AddField(
            "contact",
            "text",
            models.CharField(default="", editable=False, max_length=600),
            preserve_default=False,
        ),
        migrations.RunPython(split, migrations.RunPython.noop),
        migrations.AlterField(
            "contact", "text", models.CharField(db_index=True, editable=False, max_length=600)
        ),
        migrations.AlterModelOptions("contact", options={"ordering": ["text", "pk"]}),
        migrations.RemoveField("contact", "number"),
        migrations.RemoveField("contact", "bare"),
        migrations.RemoveField("contact", "connection"),
    ]

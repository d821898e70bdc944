from uuid import uuid4

from django.db import migrations

from transfers.phonebook import searched


def index(apps, schema_editor):
    """"oneil" finds O’Neil and "mueller" Müller: what is searched of such contacts is written anew."""
    Contact = apps.get_model("transfers", "Contact")
    changed = 0
    pks = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), 500):
        rows = Contact.objects.filter(pk__in=pks[start : start + 500]).prefetch_related("numbers", "groups")
        old = []
        for contact in rows:
            groups = [group.name for group in contact.groups.all()]
            text = searched(contact.name, contact.department, groups, contact.numbers.all())
            if text != contact.text:
                contact.text = text
                old.append(contact)
        Contact.objects.bulk_update(old, ["text"])
        changed += len(old)
    if changed:  # what was checked against the old book is checked again
        book = apps.get_model("transfers", "PhoneBook").objects
        book.update_or_create({"version": uuid4().hex}, pk=1)


class Migration(migrations.Migration):
    dependencies = [("transfers", "0022_say_resume")]
    operations = [migrations.RunPython(index, migrations.RunPython.noop)]

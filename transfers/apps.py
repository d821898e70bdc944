from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TransfersConfig(AppConfig):
    name = "transfers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from transfers import append_only, checks  # noqa: F401  (its checks register)
        from transfers.services import (
            consultations,  # noqa: F401  (its receiver remembers which calls belong together)
            farewells,  # noqa: F401  (its receivers log agents out at the PBX)
            forwarding,  # noqa: F401  (its receivers send calls on, and note what became of them)
            forwards,  # noqa: F401  (its receiver ends what is over)
            ghosts,  # noqa: F401  (its receiver brings back what was set aside and has changed)
            logins,  # noqa: F401  (its receivers note who comes in)
            outcomes,  # noqa: F401  (its receivers judge the pictures)
            recall,  # noqa: F401  (its receiver brings back what nobody answers, where wished)
            rescue,  # noqa: F401  (its receivers bring back who was left alone on hold)
            sightings,  # noqa: F401  (its receiver follows moved calls, once they were judged)
        )

        post_migrate.connect(append_only.after_migrate, sender=self)

"""Every address of the product. The names are what templates and tests use."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

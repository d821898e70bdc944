"""What people type, checked before a service sees it. Pages and commands share these forms."""

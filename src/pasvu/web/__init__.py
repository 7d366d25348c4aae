"""The panel: people look and decide."""

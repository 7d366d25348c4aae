"""From a dropped file to renditions ready to review."""

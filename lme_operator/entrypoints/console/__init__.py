"""The console: pages for people. So far the tray of test systems alone."""

#!/usr/bin/env python3
"""The host's desk: signing in, making and running polls, files, figures, a rehearsal; by keyboard too."""

import browser

browser.main("studio.mjs")

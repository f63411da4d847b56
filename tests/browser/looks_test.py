#!/usr/bin/env python3
"""How the audience's page looks and weighs: odd texts, dark, right to left, what axe finds, bytes and time."""

import browser

browser.main("looks.mjs")

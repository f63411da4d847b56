#!/usr/bin/env python3
"""The audience's page on a phone: joining, voting on every type, results, and what can go wrong in a hall."""

import browser

browser.main("audience.mjs")

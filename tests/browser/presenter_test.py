#!/usr/bin/env python3
"""The screen of an event: following the host, keys, odd texts, the overlay, a lost node, and two hundred voters."""

import browser

browser.main("presenter.mjs")

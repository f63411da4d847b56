#!/usr/bin/env python3
"""The audience's page when the network, the node or the proxy lets it down: every ballot counts, once."""

import browser

browser.main("outages.mjs")

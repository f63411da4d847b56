"""A browser that goes from one event to another and back is the same voter in each."""

import http.cookies
import logging
import unittest

from live_client import Stream, live
from node import Node


def setUpModule():
    global node
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # calls to the node may hold the loop
    node = Node().start()
    unittest.addModuleCleanup(node.remove)


class Browser:
    """Keeps cookies as browsers do: by name, the one made first is sent first."""

    def __init__(self):
        self.jar = {}

    @property
    def fields(self):
        return {"Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items())} if self.jar else {}

    def call(self, method, path, body=None, **fields):
        reply = node.call(method, path, body, fields={**self.fields, **fields})
        for line in reply.fields.get_all("Set-Cookie", []):
            for name, cookie in http.cookies.SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self.jar.pop(name, None)
                else:
                    self.jar[name] = cookie.value
        return reply

    def join(self, event):
        return self.call("POST", "/v1/join", {"code": event["code"]}).json["voter"]["number"]

    def vote(self, poll, choice):
        return self.call("POST", f"/v1/polls/{poll}/votes", {"choices": [choice]})


class From_one_event_to_another_and_back(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.events = [node.event(), node.event()]
        self.polls = [node.poll(event["id"], results="after_vote")["id"] for event in self.events]

    def test_joining_and_voting(self):
        browser = Browser()
        numbers = [browser.join(event) for event in self.events]
        for poll in self.polls:
            self.assertEqual(browser.vote(poll, "a").json["status"], "counted")
        self.assertEqual([browser.join(event) for event in self.events], numbers)
        for event, poll in zip(self.events, self.polls):
            self.assertEqual(browser.vote(poll, "b").code, "already_voted")
            mine = browser.call("GET", f"/v1/polls/{poll}/votes/mine")
            self.assertEqual(mine.json["choices"], ["a"])
            self.assertEqual(browser.call("GET", f"/v1/polls/{poll}/results").json["voters"], 1)
            seen = browser.call("GET", f"/v1/events/{event['id']}")
            self.assertEqual([r["poll"] for r in seen.json["results"]], [poll])

    def test_the_page_without_scripts(self):
        browser = Browser()
        for new in (True, False):
            for event in self.events:
                page = browser.call("GET", f"/{event['code']}")
                self.assertEqual((page.status, "Set-Cookie" in page.fields), (200, new))

    async def test_watching_live(self):
        browser = Browser()
        numbers = [browser.join(event) for event in self.events]
        for event, number in zip(self.events, numbers):
            async with live(node, event["id"], fields=browser.fields) as socket:
                self.assertEqual((await socket.hear())["voter"], number)
            with Stream(node, event["id"], fields=browser.fields) as stream:
                self.assertEqual(stream.event("welcome")[1]["voter"], number)

    def test_a_token_in_the_header_goes_before_every_cookie(self):
        browser, event = Browser(), self.events[0]
        browser.join(event)
        token = node.token(event["code"])
        reply = browser.call("POST",
                             "/v1/join", {"code": event["code"]},
                             Authorization=f"Bearer {token}")
        self.assertEqual(reply.json["voter"]["token"], token)

    def test_a_cookie_of_another_event_is_told_from_none(self):
        browser = Browser()
        self.assertEqual(browser.vote(self.polls[0], "a").code, "voter_token_required")
        browser.join(self.events[1])
        self.assertEqual(browser.vote(self.polls[0], "a").code, "wrong_event")

    def test_the_cookies_of_many_events_still_fit_into_a_request(self):
        browser, events = Browser(), [node.event() for _ in range(20)]
        numbers = {event["id"]: browser.join(event) for event in events}
        self.assertEqual(len(browser.jar), 17, "16 events, and the last voter of all")
        self.assertLess(len(browser.fields["Cookie"]), 4096)
        for event in events[-16:]:
            self.assertEqual(browser.join(event), numbers[event["id"]])
        self.assertNotEqual(browser.join(events[0]), numbers[events[0]["id"]], "forgotten")


if __name__ == "__main__":
    unittest.main()

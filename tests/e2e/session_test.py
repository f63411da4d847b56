#!/usr/bin/env python3
"""A host signs in at the studio: a cookie that no script reads, and that no foreign page can use."""

import unittest

import node
from node import HOST, OPERATOR

HERE = "same-origin"


class Session(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = node.Node("--public-url", "https://vote.example")
        cls.node.start()
        cls.addClassCleanup(cls.node.remove)

    def sign_in(self, key=HOST, fields=None):
        return self.node.call("POST", "/v1/session", {"host_key": key}, fields=fields)

    def cookie(self):
        return self.sign_in().fields["Set-Cookie"].split(";")[0]

    def by_cookie(self, method, path, body=None, **fields):
        sent = {"Cookie": self.cookie(), **{k.replace("_", "-"): v for k, v in fields.items()}}
        return self.node.call(method, path, body, fields=sent)

    def origin(self):
        return f"http://127.0.0.1:{self.node.port}"

    def test_cookie_is_kept_from_scripts_and_from_other_sites(self):
        signed = self.sign_in()
        self.assertEqual(signed.status, 200, signed)
        self.assertEqual(signed.json["key"]["prefix"], HOST[:10])
        self.assertNotIn(HOST, str(signed.json))
        line = signed.fields["Set-Cookie"]
        for part in ("tallycast_host=", "Path=/v1", "HttpOnly", "SameSite=Strict", "Max-Age=43200"):
            self.assertIn(part, line)
        self.assertNotIn("Secure", line)

    def test_cookie_is_for_tls_only_where_the_client_came_by_tls(self):
        with node.Node("--secure-cookies", "on") as behind_tls:
            line = behind_tls.call("POST", "/v1/session", {"host_key": HOST}).fields["Set-Cookie"]
        self.assertIn("; Secure", line)

    def test_only_a_host_key_signs_in(self):
        for key in ("tck_nobody-has-this-key", OPERATOR, "tcv_none", "x"):
            refused = self.sign_in(key)
            self.assertEqual((refused.status, refused.fields["Set-Cookie"]), (401, None), key)
        self.assertEqual(self.node.call("POST", "/v1/session", {}).status, 400)
        self.assertEqual(self.node.call("GET", "/v1/session").status, 401)

    def test_host_routes_take_the_cookie_and_nothing_else_does(self):
        who = self.by_cookie("GET", "/v1/session")
        self.assertEqual((who.status, who.json["key"]["prefix"]), (200, HOST[:10]))
        made = self.by_cookie("POST", "/v1/events", {"title": "By cookie"}, Origin=self.origin(),
                              Sec_Fetch_Site=HERE)
        self.assertEqual(made.status, 201, made)
        event = made.json["id"]
        listed = self.by_cookie("GET", "/v1/events").json["items"]
        self.assertIn(event, [e["id"] for e in listed])
        draft = self.by_cookie("POST", f"/v1/events/{event}/polls", {
            "type": "rating", "question": "How?"}, Origin=self.origin())
        self.assertEqual(draft.json["status"], "draft")
        # An audience page in the same browser is no host's.
        self.assertEqual(self.by_cookie("GET", f"/v1/events/{event}").json["polls"], [])
        self.assertEqual(self.by_cookie("GET", "/v1/tenants").status, 401)

    def test_foreign_page_changes_nothing(self):
        for fields in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"},
                       {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
                       {"Origin": self.origin() + "0"},
                       {"Origin": self.origin(), "Sec_Fetch_Site": "cross-site"}):
            with self.subTest(**fields):
                made = self.by_cookie("POST", "/v1/events", {"title": "Forged"}, **fields)
                self.assertEqual((made.status, made.code), (403, "forbidden"))
                plain = {k.replace("_", "-"): v for k, v in fields.items()}
                self.assertEqual(self.sign_in(fields=plain).status, 403)
        titles = [e["title"] for e in self.by_cookie("GET", "/v1/events").json["items"]]
        self.assertNotIn("Forged", titles)

    def test_a_key_in_the_header_goes_before_the_cookie(self):
        refused = self.by_cookie("GET", "/v1/events", Authorization="Bearer tck_nobody-has-this-key")
        self.assertEqual(refused.status, 401)

    def test_signing_out_and_a_revoked_key_end_the_session(self):
        gone = self.node.call("DELETE", "/v1/session", fields={"Sec-Fetch-Site": HERE})
        self.assertEqual(gone.status, 204)
        self.assertRegex(gone.fields["Set-Cookie"], r"^tallycast_host=;.*Max-Age=0")
        tenant = self.node.call("POST", "/v1/tenants", {"name": "Guests"}, key=OPERATOR).json["id"]
        key = self.node.call("POST", f"/v1/tenants/{tenant}/keys", key=OPERATOR).json
        cookie = self.sign_in(key["key"]).fields["Set-Cookie"].split(";")[0]
        seen = lambda: self.node.call("GET", "/v1/session", fields={"Cookie": cookie}).status
        self.assertEqual(seen(), 200)
        self.node.call("DELETE", f"/v1/tenants/{tenant}/keys/{key['id']}", key=OPERATOR)
        self.assertEqual(seen(), 401)

    def test_large_body_of_a_signed_in_host_is_read(self):
        event = self.by_cookie("POST", "/v1/events", {"title": "Large"}).json["id"]
        options = [{"label": f"{n:02} " + "x" * 490} for n in range(64)]
        made = self.by_cookie("POST", f"/v1/events/{event}/polls", {
            "type": "single", "question": "Which?", "options": options})
        self.assertEqual(made.status, 201, made)

    def test_invitation_leads_to_the_pages(self):
        event = self.by_cookie("POST", "/v1/events", {"title": "Come in"}).json
        told = self.node.call("GET", f"/v1/events/{event['id']}/invitation").json
        self.assertEqual(told["url"], f"https://vote.example/{event['code']}")
        self.assertGreaterEqual(told["qr"]["size"], 21)
        self.assertRegex(told["qr"]["path"], r"^(M\d+ \d+h\d+v1h-\d+z)+$")
        self.assertEqual(self.node.call("GET", "/v1/events/nobody/invitation").status, 404)
        with node.Node() as plain:
            event = plain.call("POST", "/v1/events", {"title": "Here"}, key=HOST).json
            told = plain.call("GET", f"/v1/events/{event['id']}/invitation",
                              fields={"Host": "votes.test:81"}).json
            self.assertEqual(told["url"], f"http://votes.test:81/{event['code']}")

    def test_connections_are_for_the_host_and_count_who_watches(self):
        event = self.by_cookie("POST", "/v1/events", {"title": "Watched"}).json["id"]
        path = f"/v1/events/{event}/connections"
        count = lambda: self.by_cookie("GET", path).json["connections"]
        self.assertEqual(self.node.call("GET", path).status, 401)
        self.assertEqual(count(), 0)
        watching = [node.Raw(self.node.port) for _ in range(3)]
        for one in watching:
            one.send(f"GET /v1/events/{event}/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        node.wait_for(lambda: count() == 3, "three watchers")
        for one in watching:
            one.socket.close()
        node.wait_for(lambda: count() == 0, "nobody")


if __name__ == "__main__":
    unittest.main()

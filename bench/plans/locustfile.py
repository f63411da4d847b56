"""People who join and vote, by Locust. See README.md for the variables.

Each person is new: joins, votes once, looks at the result, and is followed by the next one.
"""

import os
import random
import uuid

from locust import FastHttpUser, between, task

CODE, POLL = os.environ["TALLYCAST_CODE"], os.environ["TALLYCAST_POLL"]


class Person(FastHttpUser):
    host = os.environ["TALLYCAST_URL"]
    wait_time = between(0.1, 0.5)

    @task
    def join_and_vote(self):
        # With the cookie of the last one the node would know somebody again.
        self.client.cookiejar.clear()
        with self.client.post("/v1/join", json={"code": CODE}, name="join", catch_response=True) as joined:
            if joined.status_code != 200:
                joined.failure(f"{joined.status_code} {joined.text}")
                return
            told = joined.json()
        (options,) = (poll["options"] for poll in told["polls"] if poll["id"] == POLL)
        choice = random.choice(options)["id"]
        with self.client.post(f"/v1/polls/{POLL}/votes", json={"choices": [choice]}, name="vote", catch_response=True,
                              headers={"Authorization": f"Bearer {told['voter']['token']}",
                                       "Idempotency-Key": str(uuid.uuid4())}) as voted:
            if voted.status_code != 200 or voted.json()["status"] != "counted":
                voted.failure(f"{voted.status_code} {voted.text}")
        self.client.get(f"/v1/polls/{POLL}/results", name="results")

"""The loop of scaling with everything real but the cluster: Prometheus watches the nodes, the autoscalers of the
manifests ask it, and what they decide is done to processes behind HAProxy as the Deployment does it to pods.

One machine is no cluster, and what that means is said in one place, `Scale`.
"""

import dataclasses
import math
import re
import signal
import threading
import time

from redis_case import wait_for  # first: it finds the others

from autoscaler import Autoscaler, Keda_trigger, proposed
from front import Front, places
from manifests import Manifests, the_only
from prometheus import Prometheus


@dataclasses.dataclass
class Scale:
    """How the manifests are made to fit."""
    people_a_node: int      # in place of the threshold of connections
    most: int               # nodes: there are ports for so many
    least: int = 1
    scrape: int = 1         # seconds between two looks of Prometheus
    turn: float = 0.5       # seconds between two decisions; Kubernetes takes 15
    hurry_up: float = 1     # windows and periods of growing are divided by this,
    hurry_down: float = 1   # and these are those of shrinking
    proxies: int = 1        # one has descriptors for 9,000 people


def hastened(behavior, scale):
    """The same with shorter times."""
    def way(rule, by):
        return {**rule, "stabilizationWindowSeconds": rule["stabilizationWindowSeconds"] / by,
                "policies": [{**p, "periodSeconds": p["periodSeconds"] / by} for p in rule["policies"]]}

    return {"scaleUp": way(behavior["scaleUp"], scale.hurry_up),
            "scaleDown": way(behavior["scaleDown"], scale.hurry_down)}


def time_between_drain_and_signal():
    """Of a pod that is to end, as its preStop has it."""
    pod = the_only("Deployment", "keda")["template"]["spec"]
    command = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1]
    return float(re.fullmatch(r"tallycast drain; sleep (\d+)", command)[1])


def people_on(place):
    return place.node.metric("tallycast_connections", "websocket")


class Loop:
    """Nodes, proxies, Prometheus and the two autoscalers: KEDA's decides, the adapter's must see the same."""

    def __init__(self, case, store, scale):
        self.case, self.scale = case, scale
        self.places = places(scale.most)
        self.make_node = lambda: case.node(store, "--reconnect-spread", "2s", "--drain-timeout", "20s",
                                           "--trusted-proxies", "127.0.0.1", "--rebalance", "off", threads=1, start=False)
        self.fronts = [Front(case.new_folder(), self.places) for _ in range(scale.proxies)]
        self.endings, self.troubles = [], []
        self.started = self.ended = 0
        self.asked = scale.least
        self.rows, self.needed_at, self.waited = [], {}, {}  # the last two by how many nodes
        self.refused_by_limit = 0  # people who would have been refused at the worst moment
        self.began = time.monotonic()
        self.manifests = Manifests()
        keda = self.manifests.keda
        self.scaler = Autoscaler(scale.least, scale.most, hastened(keda.behavior, scale))
        self.triggers = [(query, Keda_trigger(self.fitting(threshold), keda.fallback))
                         for query, threshold in keda.prometheus]

    def fitting(self, threshold):
        return self.scale.people_a_node if threshold > 1 else threshold

    def start(self):
        for place in self.places[:self.scale.least]:
            self.start_node(place)
        for front in self.fronts:
            self.case.addCleanup(front.stop)
            front.start()
        self.prometheus = Prometheus({p.name: p.operations() for p in self.occupied()}, self.scale.scrape)
        self.case.addCleanup(self.prometheus.stop)
        self.wait_until_complete()

    # -- what the Deployment does

    def occupied(self):
        return [place for place in self.places if place.node is not None]

    def start_node(self, place):
        place.node = self.make_node()
        place.node.port, place.node.operations = place.port, place.operations_port
        place.node.spawn()
        place.leaving = False
        self.started += 1

    def serving(self):
        """Places whose nodes are ready, and known to be by every proxy."""
        known = set.intersection(*(front.sends_to() for front in self.fronts))
        return [p for p in self.places if p.node is not None and not p.leaving and p.name in known and p.ready()]

    def scale_to(self, wanted):
        self.asked = wanted
        staying = [place for place in self.occupied() if not place.leaving]
        for place in self.free()[:max(0, wanted - len(staying))]:
            self.start_node(place)
        for place in staying[wanted:]:
            place.leaving = True
            ending = threading.Thread(target=self.end_node, args=(place,), daemon=True)
            self.endings.append(ending)
            ending.start()
        self.prometheus.watch({p.name: p.operations() for p in self.occupied() if not p.leaving})

    def free(self):
        return [place for place in self.places if place.node is None]

    def end_node(self, place):
        """Drained, then a signal; preStop's time is cut short once nobody comes any more."""
        try:
            node = place.node
            self.case.assertEqual(node.ops("POST", "/drain").status, 202)
            wait_for(lambda: not any(place.name in front.sends_to() for front in self.fronts),
                     "the proxies looking elsewhere", time_between_drain_and_signal())
            node.signal(signal.SIGTERM)
            self.case.assertEqual(node.ended(), 0)
            self.ended += 1
            place.node = None
        except BaseException as trouble:  # told by whoever waits for all of them
            self.troubles.append(trouble)

    # -- what an operator does

    def even_out(self):
        """Who has more people than the mean sends the rest away; gives the mean."""
        nodes = self.serving()
        on = {place: people_on(place) for place in nodes}
        mean = sum(on.values()) / len(nodes)
        for place, people in on.items():
            if people > mean:
                share = 1 - mean / people
                self.case.assertEqual(place.node.ops("POST", f"/rebalance?share={share:.4f}").status, 202)
        return mean

    # -- what the autoscalers do

    def decide(self):
        """One turn of the controller. Both ask for the same moment, and so must come to the same."""
        at = time.time()
        proposals = []
        for query, trigger in self.triggers:
            (answer,) = self.prometheus.ask(query, at) or [None]
            total = trigger.value(None if answer is None else float(answer), self.asked)
            proposals.append(None if total is None else proposed(self.asked, total, trigger.threshold))
        for (keda, _), (adapter, _) in zip(self.triggers, self.manifests.hpa.metrics):
            # What was recorded for that moment may have come between the two questions; then it is there for both.
            wait_for(lambda: self.same(keda, adapter, at), f"the same answer to {keda} and {adapter}", 5)
        self.scale_to(self.scaler.decide(time.monotonic(), self.asked, proposals))

    def same(self, sum_of_all, each, at):
        total = sum(map(float, self.prometheus.ask(sum_of_all, at)))
        return math.isclose(total, sum(map(float, self.prometheus.ask(each, at))), abs_tol=1e-9)

    def turn(self, audience, last):
        """What happens from one decision to the next; gives when it was made, `last` or now."""
        said = audience.next_word()
        if time.monotonic() - last >= self.scale.turn:
            self.decide()
            last = time.monotonic()
        self.note(said)
        if self.troubles:
            raise self.troubles[0]
        return last

    def note(self, said):
        """One point of the picture, and how long after so many nodes were needed there were as many."""
        now, ready = time.monotonic(), len(self.serving())
        needed = min(self.scale.most, max(self.scale.least, math.ceil(said["there"] / self.scale.people_a_node)))
        for count in range(1, needed + 1):
            self.needed_at.setdefault(count, now)
        for count in self.needed_at.keys() & set(range(1, ready + 1)) - self.waited.keys():
            self.waited[count] = now - self.needed_at[count]
        taken = int(max(ready, 1) * self.scale.people_a_node * self.manifests.overload)
        self.refused_by_limit = max(self.refused_by_limit, said["there"] - taken)
        self.rows.append({"at": round(now - self.began, 1), "people": said["there"], "wanted": said["wanted"],
                          "asked": self.asked, "ready": ready, "p99": said["p99"], "answers": said["answers"]})

    def wait_until_complete(self):
        """As many serve as were asked for, and nobody else is left; the proxies know it, too."""
        def complete():
            known = [front.sends_to() for front in self.fronts]
            serving = {place.name for place in self.serving()}
            return len(serving) == self.asked == len(self.occupied()) and all(each == serving for each in known)

        wait_for(complete, "as many nodes ready as asked for")

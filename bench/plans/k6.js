// People who join and vote, by k6. See README.md for the variables.
//
// Each iteration is somebody new (k6 forgets cookies between iterations): joins, votes once, looks at the result.
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';

const { TALLYCAST_URL: url, TALLYCAST_CODE: code, TALLYCAST_POLL: poll } = __ENV;

// `k6 run --vus … --duration …` says otherwise.
export const options = {
    vus: 10,
    duration: '10s',
    thresholds: { checks: ['rate>0.999'], 'http_req_duration{name:vote}': ['p(99)<500'] },
};

const counted = new Counter('votes_counted');

function asked(name, fields = {}) {
    return { tags: { name }, headers: { 'Content-Type': 'application/json', ...fields } };
}

export default function () {
    const joined = http.post(`${url}/v1/join`, JSON.stringify({ code }), asked('join'));
    if (!check(joined, { joined: (reply) => reply.status === 200 })) return;
    const { voter, polls } = joined.json();
    const choices = polls.find(({ id }) => id === poll).options;
    const choice = choices[Math.floor(Math.random() * choices.length)].id;

    const voted = http.post(
        `${url}/v1/polls/${poll}/votes`,
        JSON.stringify({ choices: [choice] }),
        asked('vote', { Authorization: `Bearer ${voter.token}`, 'Idempotency-Key': `k6-${__VU}-${__ITER}` }),
    );
    const good = check(voted, { counted: (reply) => reply.status === 200 && reply.json('status') === 'counted' });
    if (good) counted.add(1);

    const seen = http.get(`${url}/v1/polls/${poll}/results`, asked('results'));
    check(seen, { seen: (reply) => reply.status === 200 });
    sleep(0.1 + 0.4 * Math.random());
}

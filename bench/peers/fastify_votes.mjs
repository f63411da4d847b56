// The vote route of Tallycast as one would write it in Node: fastify, ioredis with auto-pipelining, one script a vote.
// The same requests, tokens and answers, and the same rules: token, event, poll open, choice, one ballot a voter,
// repeats answered with the first receipt.
//
//   node fastify_votes.mjs <port> <redis port> <key id> <key in hex>
//
// A poll is the hash {<poll>}:poll with status, event and options, made by whoever starts this.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import Fastify from "fastify";
import { Redis } from "ioredis";

const [port, redisPort, keyId, keyHex] = process.argv.slice(2);
const key = Buffer.from(keyHex, "hex");
const redis = new Redis({ host: "127.0.0.1", port: Number(redisPort), enableAutoPipelining: true });

redis.defineCommand("castVote", {
  numberOfKeys: 3,
  lua: `
    if redis.call('HGET', KEYS[1], 'status') ~= 'open' then return {'poll_not_open'} end
    local before = redis.call('HGET', KEYS[2], ARGV[1])
    if before then
      local choice, receipt, key = string.match(before, '^(%S+) (%S+) (.*)$')
      if choice == ARGV[2] then return {'replayed', receipt} end
      if key ~= '' and key == ARGV[4] then return {'idempotency_key_reused'} end
      return {'already_voted'}
    end
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
    redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
    return {'counted', ARGV[3]}
  `,
});

// What a poll is does not change while it is voted in.
const polls = new Map();
async function pollOf(id) {
  if (!polls.has(id)) {
    const found = await redis.hgetall(`{${id}}:poll`);
    if (found.event) polls.set(id, { event: found.event, options: new Set(found.options.split(",")) });
  }
  return polls.get(id);
}

// tcv_<key id>.<base64url of event, number, issued, expires, version and HMAC-SHA-256>
function voterOf(header) {
  const token = header?.startsWith("Bearer tcv_") ? header.slice(7) : "";
  const dot = token.indexOf(".");
  if (dot < 0 || token.slice(4, dot) !== keyId) return undefined;
  const body = Buffer.from(token.slice(dot + 1), "base64url");
  if (body.length !== 66) return undefined;
  const mac = createHmac("sha256", key).update(token.slice(0, dot + 1)).update(body.subarray(0, 34)).digest();
  if (!timingSafeEqual(mac, body.subarray(34))) return undefined;
  if (body.readUInt32BE(28) * 1000 <= Date.now()) return undefined;
  const end = body.indexOf(0);
  return { event: body.toString("latin1", 0, end < 0 || end > 16 ? 16 : end), number: body.readBigUInt64BE(16) };
}

const statusOf = {
  voter_token_invalid: 401, poll_not_found: 404, wrong_event: 403, invalid_ballot: 422, poll_not_open: 409,
  already_voted: 409, idempotency_key_reused: 422,
};
function refuse(reply, code) {
  return reply.code(statusOf[code]).type("application/problem+json").send({ status: statusOf[code], code });
}

const app = Fastify({ bodyLimit: 16384, forceCloseConnections: true });
app.post("/v1/polls/:poll/votes", {
  schema: {
    body: {
      type: "object", additionalProperties: false, required: ["choices"],
      properties: { choices: { type: "array", minItems: 1, maxItems: 1, items: { type: "string", maxLength: 32 } } },
    },
    response: {
      200: {
        type: "object",
        properties: {
          status: { type: "string" }, poll: { type: "string" }, round: { type: "integer" },
          receipt: { type: "string" }, at: { type: "string" },
        },
      },
    },
  },
}, async (request, reply) => {
  const voter = voterOf(request.headers.authorization);
  if (!voter) return refuse(reply, "voter_token_invalid");
  const id = request.params.poll;
  const poll = await pollOf(id);
  if (!poll) return refuse(reply, "poll_not_found");
  if (poll.event !== voter.event) return refuse(reply, "wrong_event");
  const [choice] = request.body.choices;
  if (!poll.options.has(choice)) return refuse(reply, "invalid_ballot");
  const [status, receipt] = await redis.castVote(
    `{${id}}:poll`, `{${id}}:ballots`, `{${id}}:tally`,
    String(voter.number), choice, randomBytes(12).toString("base64url"), request.headers["idempotency-key"] ?? "");
  if (!receipt) return refuse(reply, status);
  return { status, poll: id, round: 1, receipt, at: new Date().toISOString() };
});
await app.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 });

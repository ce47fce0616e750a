// mercurius' own subscriptions over graphql-transport-ws, as its documents advise: one topic for everybody.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const { DATABASE_URL, PORT } = process.env;
const TOPIC = "CHANGES";

const schema = `
  type Query { isThere: Boolean }
  type Subscription { changes(organization: String!, after: String): ChangeBatch! }
  type ChangeBatch { events: [Change!]! cursor: String! }
  type Change {
    kind: String! key: String! segment: String! period: String! revision: Int! newExact: String! recordedAt: String!
  }
`;

async function* changes(pubsub) {
  const told = await pubsub.subscribe(TOPIC);
  yield { changes: { events: [], cursor: "" } };
  yield* told;
}

const resolvers = {
  Query: { isThere: () => true },
  Subscription: { changes: { subscribe: async (_, __, { pubsub }) => changes(pubsub) } },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1, subscription: true });
await app.ready();
const listener = new pg.Client({ connectionString: DATABASE_URL });
await listener.connect();
listener.on("notification", ({ payload }) => app.graphql.pubsub.publish({ topic: TOPIC, payload: { changes: JSON.parse(payload) } }));
await listener.query("listen bench_changes");
await app.listen({ port: Number(PORT), host: "127.0.0.1" });

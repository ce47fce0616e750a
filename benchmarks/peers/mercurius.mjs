// Fastify and mercurius with the JIT, written as their documents advise: loaders, or one flat statement a request.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const { DATABASE_URL, PORT, VARIANT } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, min: 10, max: 10 });

const schema = `
  type Query { organization(slug: String!): Organization }
  type Organization { slug: String! name: String! kpis(first: Int!, orderBy: [KpiOrder!]): KpiConnection! kpi(key: String!): Kpi }
  input KpiOrder { field: KpiOrderField! }
  enum KpiOrderField { KEY }
  type KpiConnection { nodes: [Kpi!]! }
  type Kpi {
    key: String! name: String! current: Value previous: Value target: Target owner: Owner
    status: String! colour: String! attainment: Float
  }
  type Value { text: String value: Float period: String }
  type Target { text: String value: Float }
  type Owner { title: String! }
`;

const rowsOf = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const colours = { MET: "GREEN", ACCEPTABLE: "GREEN", NEAR_MISS: "YELLOW", MISSED: "RED" };

// One flat statement: rows become the objects of the answer.
const shaped = (row) => ({
  key: row.key,
  name: row.name,
  current: { text: row.current_text, value: row.current_value, period: row.current_period },
  previous: row.previous_text === null ? null
    : { text: row.previous_text, value: row.previous_value, period: row.previous_period },
  target: row.target_text === null ? null : { text: row.target_text, value: row.target_value },
  owner: row.owner_title === null ? null : { title: row.owner_title },
  status: row.status,
  colour: row.colour,
  attainment: row.attainment,
});

const flat = (tables) => {
  const board = `select * from bench.boards_${tables}
    where organization_id = (select id from organizations where slug = $1) order by key limit $2`;
  const tiny = `select * from bench.tiny_${tables}
    where organization_id = (select id from organizations where slug = $1) and key = $2`;
  const organization = async (_, { slug }, context, info) => {
    const wanted = info.fieldNodes[0].selectionSet.selections.map((field) => field.name.value);
    if (wanted.includes("kpis")) {
      const rows = await rowsOf("board", board, [slug, info.variableValues.first]);
      return { slug: rows[0].organization_slug, name: rows[0].organization_name, kpis: { nodes: rows.map(shaped) } };
    }
    const [row] = await rowsOf("tiny", tiny, [slug, info.variableValues.key]);
    return { kpi: { key: row.key, name: row.name, current: { value: row.current_value }, status: row.status } };
  };
  return { resolvers: { Query: { organization } } };
};

// Loaders: one statement for each kind of thing, for all KPIs of the page together.
const judged = (kpi) => {
  if (kpi.target_value === null) return { status: "NO_TARGET", attainment: null };
  if (kpi.current_value === null) return { status: "NO_DATA", attainment: null };
  const { operator, target_value: target, current_value: value } = kpi;
  const ratio = operator === "AT_LEAST" ? value / target : target / value;
  return { status: ratio >= 1 ? "MET" : ratio >= 0.95 ? "NEAR_MISS" : "MISSED", attainment: ratio };
};

const figures = `select kpi.id as kpi_id, figure.text, figure.value, figure.period
  from unnest($1::bigint[]) as kpi (id)
  left join lateral (
    select reported.text, reported.value::float8 as value, reported.period from reported_figures as reported
    where reported.organization_id = $2 and reported.kpi_id = kpi.id and reported.segment = ''
    order by reported.period_end desc nulls last, reported.id desc limit 1 offset $3
  ) as figure on true`;
const targets = `select kpi_id, text, value::float8 as value, operator from targets
  where organization_id = $2 and kpi_id = any ($1) and segment = '' order by id`;
const owners = "select id, title from owners where organization_id = $2 and id = any ($1)";

const loaded = () => {
  const idsOf = (queries) => [queries.map(({ obj }) => obj.id), queries[0].obj.organization_id];
  const figureOf = (age) => async (queries) => {
    const found = new Map((await rowsOf("figures", figures, [...idsOf(queries), age])).map((row) => [row.kpi_id, row]));
    return queries.map(({ obj }) => (found.get(obj.id).text === null ? null : found.get(obj.id)));
  };
  const targetOf = async (queries) => {
    const found = new Map((await rowsOf("targets", targets, idsOf(queries))).map((row) => [row.kpi_id, row]));
    return queries.map(({ obj }) => found.get(obj.id) ?? null);
  };
  const ownerOf = async (queries) => {
    const values = [queries.map(({ obj }) => obj.owner_id), queries[0].obj.organization_id];
    const found = new Map((await rowsOf("owners", owners, values)).map((row) => [row.id, row]));
    return queries.map(({ obj }) => found.get(obj.owner_id) ?? null);
  };
  const standingOf = async (queries) => {
    const [current, target] = await Promise.all([figureOf(0)(queries), targetOf(queries)]);
    return queries.map((_, index) => judged({
      current_value: current[index]?.value ?? null,
      target_value: target[index]?.value ?? null,
      operator: target[index]?.operator,
    }));
  };
  const part = (pick) => async (queries) => (await standingOf(queries)).map(pick);
  const Kpi = {
    current: figureOf(0),
    previous: figureOf(1),
    target: targetOf,
    owner: ownerOf,
    status: part(({ status }) => status),
    colour: part(({ status }) => colours[status] ?? "GREY"),
    attainment: part(({ attainment }) => attainment),
  };
  const columns = "organization_id, id, owner_id, key, name";
  const resolvers = {
    Query: {
      organization: async (_, { slug }) =>
        (await rowsOf("organization", "select id, slug, name from organizations where slug = $1", [slug]))[0],
    },
    Organization: {
      kpis: async ({ id }, { first }) => ({
        nodes: await rowsOf("kpis", `select ${columns} from kpis where organization_id = $1 order by key limit $2`,
          [id, first]),
      }),
      kpi: async ({ id }, { key }) =>
        (await rowsOf("kpi", `select ${columns} from kpis where organization_id = $1 and key = $2`, [id, key]))[0],
    },
  };
  return { resolvers, loaders: { Kpi } };
};

const app = Fastify();
app.register(mercurius, { schema, jit: 1, ...(VARIANT === "loaders" ? loaded() : flat(VARIANT)) });
await app.listen({ port: Number(PORT), host: "127.0.0.1" });

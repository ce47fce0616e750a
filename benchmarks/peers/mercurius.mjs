// Fastify and mercurius with the JIT, written as their documents advise: loaders, or one flat statement a request.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const { DATABASE_URL, PORT, VARIANT } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, min: 10, max: 10 });

const schema = `
  scalar Period
  scalar Decimal
  type Query { organization(slug: String!): Organization }
  type Mutation { recordObservations(input: RecordObservationsInput!): Receipt! }
  input RecordObservationsInput { organization: String! source: String! observations: [ObservationInput!]! }
  input ObservationInput { kpi: String! period: Period! value: Decimal! text: String! }
  type Receipt { recorded: Int! corrected: Int! unchanged: Int! }
  type Organization { slug: String! name: String! kpis(first: Int!, orderBy: [KpiOrder!]): KpiConnection! kpi(key: String!): Kpi }
  input KpiOrder { field: KpiOrderField! }
  enum KpiOrderField { KEY }
  type KpiConnection { nodes: [Kpi!]! }
  type Kpi {
    key: String! name: String! current: Value previous: Value target: Target owner: Owner
    status: String! colour: String! attainment: Float
    series(from: Period!, to: Period!, grain: Grain!): Series!
  }
  enum Grain { DAY }
  type Series { periods: [Period!]! values: [Float]! }
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
  // node-postgres parses JSON much faster than arrays, so the columns come as JSON.
  const series = `select kpi.key, points.periods, points.amounts from kpis as kpi
    cross join lateral (
      select json_agg(point.period order by point.day) as periods, json_agg(point.value order by point.day) as amounts
      from bench.daily(kpi.organization_id, kpi.id, $3::date, $4::date) as point
    ) as points
    where kpi.organization_id = (select id from organizations where slug = $1) and kpi.key = $2`;
  const organization = async (_, { slug }, context, info) => {
    const wanted = info.fieldNodes[0].selectionSet.selections.map((field) => field.name.value);
    const { first, key, from, to } = info.variableValues;
    if (wanted.includes("kpis")) {
      const rows = await rowsOf("board", board, [slug, first]);
      return { slug: rows[0].organization_slug, name: rows[0].organization_name, kpis: { nodes: rows.map(shaped) } };
    }
    if (from !== undefined) {
      const [row] = await rowsOf("series", series, [slug, key, from, to]);
      return { kpi: { key: row.key, series: { periods: row.periods, values: row.amounts } } };
    }
    const [row] = await rowsOf("tiny", tiny, [slug, key]);
    return { kpi: { key: row.key, name: row.name, current: { value: row.current_value }, status: row.status } };
  };
  const recordObservations = async (_, { input: { organization: slug, source, observations } }) => {
    const columns = ["kpi", "period", "value", "text"].map((name) => observations.map((one) => one[name]));
    const record = "select recorded, corrected, unchanged from bench.record($1, $2, $3, $4, $5, $6)";
    return (await rowsOf("record", record, [slug, source, ...columns]))[0];
  };
  return { resolvers: { Query: { organization }, Mutation: { recordObservations } } };
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

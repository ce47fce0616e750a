import { gql } from "@urql/core";
import { codesOf, connect, everyKpi, KPI, PAGE } from "./urql.js";

const SLUG = "datainsight-pro";

export const variables = async ({ url, token }) =>
  (await connect(url, token).query(KPI, { slug: SLUG, key: "LTV:CAC" }).toPromise()).data;

export const pages = ({ url, token }) => everyKpi(connect(url, token), SLUG);

export const pagesByGet = ({ url, token }) => everyKpi(connect(url, token, "force"), SLUG);

export async function errors({ url, token }) {
  const found = {};
  const ask = async (name, document, variables, secret = token) => {
    const { data, error } = await connect(url, secret).query(document, variables).toPromise();
    found[name] = { data: data ?? null, codes: codesOf(error) };
  };
  await ask("field", PAGE, { slug: SLUG, after: "nonsense" });
  await ask("request", gql`{ nothing }`, {});
  await ask("variable", KPI, { slug: SLUG });
  await ask("token", KPI, { slug: SLUG, key: "ARR" }, "kpi_wrong");
  return found;
}

/** Unsubscribing is how urql aborts; the client goes on. */
export async function aborted({ url, token, requests, onceSent }) {
  const client = connect(url, token);
  let answers = 0;
  const sent = new Promise((resolve) => onceSent(resolve));
  const { unsubscribe } = client.query(PAGE, { slug: SLUG }).subscribe(() => (answers += 1));
  await sent;
  unsubscribe();
  const after = await client.query(KPI, { slug: SLUG, key: "ARR" }).toPromise();
  return { answers, ended: requests[0].ended ?? null, after: after.data.organization.kpi.key };
}

export async function nulls({ url, token }) {
  const client = connect(url, token);
  const answers = [
    await client.query(KPI, { slug: "nowhere", key: "ARR" }).toPromise(),
    await client.query(KPI, { slug: SLUG, key: "no such KPI" }).toPromise(),
  ];
  return answers.map(({ data, error }) => ({ data, error: error ?? null }));
}

/** The same document twice, then another one about things that are known by their ids. */
export async function cached({ url, token, requests }) {
  const client = connect(url, token);
  const first = await client.query(PAGE, { slug: SLUG, after: null }).toPromise();
  const again = await client.query(PAGE, { slug: SLUG, after: null }).toPromise();
  const OTHER = gql`
    query Other($slug: String!) { organization(slug: $slug) { id kpis(first: 20, after: null) { nodes { id status } } } }
  `;
  const other = await client.query(OTHER, { slug: SLUG }).toPromise();
  const statuses = ({ data }) => data.organization.kpis.nodes.map(({ id, status }) => [id, status]);
  return { same: [again, other].map((answer) => JSON.stringify(statuses(answer)) === JSON.stringify(statuses(first))),
           asked: requests.length };
}

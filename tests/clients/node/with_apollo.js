import { gql } from "@apollo/client";
import { codesOf, connect, everyKpi, KPI, PAGE, persisted } from "./apollo.js";

const SLUG = "datainsight-pro";

export const variables = async ({ url, token }) =>
  (await connect(url, token).query({ query: KPI, variables: { slug: SLUG, key: "LTV:CAC" } })).data;

export const pages = ({ url, token }) => everyKpi(connect(url, token), SLUG);

/** Hashes first, then full documents. */
export async function persistedDocuments({ url, token }) {
  const client = connect(url, token, [persisted()]);
  const keys = [];
  for (const key of ["ARR", "LTV:CAC"]) {
    const { data } = await client.query({ query: KPI, variables: { slug: SLUG, key } });
    keys.push(data.organization.kpi.key);
  }
  return keys;
}

export async function errors({ url, token }) {
  const found = {};
  const ask = async (name, query, variables, secret = token) => {
    const client = connect(url, secret);
    const { data, error } = await client.query({ query, variables, errorPolicy: "all" });
    found[name] = { data: data ?? null, codes: codesOf(error) };
  };
  await ask("field", PAGE, { slug: SLUG, after: "nonsense" });
  await ask("request", gql`{ nothing }`, {});
  await ask("variable", KPI, { slug: SLUG });
  await ask("token", KPI, { slug: SLUG, key: "ARR" }, "kpi_wrong");
  return found;
}

export async function aborted({ url, token, requests, onceSent }) {
  const client = connect(url, token);
  const controller = new AbortController();
  onceSent(() => controller.abort());
  const context = { fetchOptions: { signal: controller.signal } };
  const refused = await client.query({ query: PAGE, variables: { slug: SLUG }, context }).catch((error) => error);
  const after = await client.query({ query: KPI, variables: { slug: SLUG, key: "ARR" } });
  return { answers: refused.data ? 1 : 0, ended: requests[0].ended ?? null, after: after.data.organization.kpi.key };
}

export async function nulls({ url, token }) {
  const client = connect(url, token);
  const answers = [
    await client.query({ query: KPI, variables: { slug: "nowhere", key: "ARR" } }),
    await client.query({ query: KPI, variables: { slug: SLUG, key: "no such KPI" } }),
  ];
  return answers.map(({ data, error }) => ({ data, error: error ?? null }));
}

/** The same document twice, and one thing by type and id. */
export async function cached({ url, token, requests }) {
  const client = connect(url, token);
  const ask = async () => (await client.query({ query: KPI, variables: { slug: SLUG, key: "LTV:CAC" } })).data;
  const [first, again] = [await ask(), await ask()];
  const { id } = first.organization.kpi;
  const known = client.cache.readFragment({
    id: client.cache.identify({ __typename: "Kpi", id }),
    fragment: gql`fragment Known on Kpi { key status }`,
  });
  return { same: JSON.stringify(again) === JSON.stringify(first), known, asked: requests.length };
}

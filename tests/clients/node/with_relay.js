import runtime from "relay-runtime";
import board from "./built/board.js";
import kpiQuery from "./built/__generated__/boardKpiQuery.graphql.js";
import pageQuery from "./built/__generated__/boardPageQuery.graphql.js";

const { createOperationDescriptor, fetchQuery, getSelector, getRequest } = runtime;
const { BOARD, codesOf, connect, KPI, ORGANIZATION } = board;
const SLUG = "datainsight-pro";

/** What a component reads: the data of a fragment behind its reference. */
const read = (environment, fragment, reference) => environment.lookup(getSelector(fragment, reference)).data;

/** The board's organization as its component is given it, kept from the garbage collector. */
async function open(environment, slug, count) {
  const variables = { slug, count };
  environment.retain(createOperationDescriptor(getRequest(BOARD), variables));
  return (await fetchQuery(environment, BOARD, variables).toPromise()).organization;
}

/** As usePaginationFragment does: the page query that the compiler made, its result appended by the store. */
export async function pages({ url, token, requests }) {
  const environment = connect(url, token);
  const organization = await open(environment, SLUG, 20);
  const sizes = [];
  let { kpis } = read(environment, ORGANIZATION, organization);
  while (kpis.pageInfo.hasNextPage) {
    sizes.push(kpis.edges.length);
    const variables = { id: organization.id, count: 20, cursor: kpis.pageInfo.endCursor };
    await fetchQuery(environment, pageQuery, variables).toPromise();
    ({ kpis } = read(environment, ORGANIZATION, organization));
  }
  const found = kpis.edges.map(({ node }) => ({ id: node.id, ...read(environment, KPI, node) }));
  return { sizes, found, asked: requests.length };
}

/** As useRefetchableFragment does: one KPI again, by its id. */
export async function refetched({ url, token, requests }) {
  const environment = connect(url, token);
  const organization = await open(environment, SLUG, 1);
  const [{ node }] = read(environment, ORGANIZATION, organization).kpis.edges;
  const before = read(environment, KPI, node);
  environment.commitUpdate((store) => store.get(node.id).setValue("changed here alone", "key"));
  const changed = read(environment, KPI, node).key;
  await fetchQuery(environment, kpiQuery, { id: node.id }).toPromise();
  return { before, changed, after: read(environment, KPI, node), asked: requests.length };
}

export async function nulls({ url, token }) {
  return { organization: await open(connect(url, token), "nowhere", 1) };
}

/** The second time the store has everything. */
export async function cached({ url, token, requests }) {
  const environment = connect(url, token);
  await open(environment, SLUG, 20);
  const operation = createOperationDescriptor(getRequest(BOARD), { slug: SLUG, count: 20 });
  const { status } = environment.check(operation);
  await fetchQuery(environment, BOARD, { slug: SLUG, count: 20 }, { fetchPolicy: "store-or-network" }).toPromise();
  return { status, asked: requests.length };
}

export async function errors({ url, token }) {
  const found = {};
  const ask = async (name, query, variables, secret = token) => {
    const refused = await fetchQuery(connect(url, secret), query, variables).toPromise().catch((error) => error);
    found[name] = { codes: codesOf(refused) };
  };
  const { id } = await open(connect(url, token), SLUG, 1);
  await ask("field", pageQuery, { id, count: 20, cursor: "nonsense" });
  await ask("variable", BOARD, { slug: SLUG });
  await ask("token", BOARD, { slug: SLUG, count: 1 }, "kpi_wrong");
  return found;
}

/** Unsubscribing leaves the request to itself; the environment goes on. */
export async function aborted({ url, token, onceSent }) {
  const environment = connect(url, token);
  let answers = 0;
  const sent = new Promise((resolve) => onceSent(resolve));
  const request = fetchQuery(environment, BOARD, { slug: SLUG, count: 20 });
  const { unsubscribe } = request.subscribe({ next: () => (answers += 1) });
  await sent;
  unsubscribe();
  const after = await open(environment, SLUG, 1);
  return { answers, after: read(environment, ORGANIZATION, after).name };
}

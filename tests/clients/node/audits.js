import { serverAudits } from "graphql-http";

/** Every audit of graphql-http, asked with the token. */
export async function all({ url, token }) {
  const fetchFn = (resource, options = {}) =>
    fetch(resource, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
  const audits = serverAudits({ url: `${url}/graphql`, fetchFn });
  const found = [];
  for (const audit of audits) {
    const { status, reason } = await audit.fn();
    found.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
  }
  return found;
}

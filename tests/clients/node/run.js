// Runs one scenario against the server and prints what it returns: node run.js MODULE SCENARIO URL TOKEN.
import diagnostics from "node:diagnostics_channel";

/** What was asked over HTTP and how it ended, in order: method, path, body, and the status or the error's name. */
const requests = [];
const { fetch } = globalThis;
globalThis.fetch = async (resource, options = {}) => {
  const url = new URL(resource.url ?? resource);
  const request = { method: options.method ?? "GET", path: url.pathname, query: url.search, body: options.body ?? null };
  requests.push(request);
  try {
    const response = await fetch(resource, options);
    request.status = response.status;
    return response;
  } catch (error) {
    request.ended = error.name;
    throw error;
  }
};

/** Calls back once a request has left for the server and not been answered. */
const onceSent = (act) => {
  const listener = () => {
    diagnostics.unsubscribe("undici:client:sendHeaders", listener);
    queueMicrotask(act);
  };
  diagnostics.subscribe("undici:client:sendHeaders", listener);
};

/** What a client's caches complained about. */
const warnings = [];
console.warn = console.error = (...words) => warnings.push(words.join(" "));

const [module, scenario, url, token] = process.argv.slice(2);
const scenarios = await import(`./${module}.js`);
const result = await scenarios[scenario]({ url, token, requests, onceSent });
console.log(JSON.stringify({ result, requests, warnings }));

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "./page.css";

const NAMESPACE = "kpi-server:";

/** localStorage under a prefix of its own, so that other examples (another release, another demo) start with their own tabs. */
function storageFor(prefix) {
  const keys = (start) => Object.keys(localStorage).filter((key) => key.startsWith(start));
  const remove = (names) => names.forEach((key) => localStorage.removeItem(key));
  remove(keys(NAMESPACE).filter((key) => !key.startsWith(prefix)));
  return {
    getItem: (key) => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () => remove(keys(prefix)),
    get length() {
      return keys(prefix).length;
    },
  };
}

/** GraphiQL fills the first tab's editors from its storage alone: without this its variables stay empty on a first visit. */
function seedFirstTab(storage, tabs) {
  if (tabs.length === 0 || storage.getItem("graphiql:tabState")) {
    return;
  }
  storage.setItem("graphiql:query", tabs[0].query);
  storage.setItem("graphiql:variables", tabs[0].variables);
}

/** The browser may refuse storage altogether; then nothing is kept and GraphiQL is told so. */
function openStorage({ tabs, version }) {
  try {
    const storage = storageFor(`${NAMESPACE}${version}:`);
    seedFirstTab(storage, tabs);
    return storage;
  } catch {
    return null;
  }
}

function socketAddress(endpoint) {
  const address = new URL(endpoint, window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** GraphiQL asks for the schema before its headers editor is filled: until then the page's own headers are sent. */
function fetcherFor({ endpoint, headers }) {
  const fetcher = createGraphiQLFetcher({
    url: endpoint,
    subscriptionUrl: socketAddress(endpoint),
    enableIncrementalDelivery: false,
    headers: { accept: "application/json" },
  });
  const own = headers ? JSON.parse(headers) : {};
  return (params, options) => {
    const given = options?.headers ?? {};
    return fetcher(params, { ...options, headers: Object.keys(given).length > 0 ? given : own });
  };
}

function start(root) {
  const config = JSON.parse(document.getElementById("graphiql-config").textContent);
  const { headers, tabs } = config;
  const page = createElement(
    GraphiQL,
    {
      defaultEditorToolsVisibility: true,
      defaultHeaders: headers ?? undefined,
      defaultQuery: "# Ctrl-Enter runs the operation, Ctrl-Space completes.\n",
      defaultTabs: tabs.length > 0 ? tabs : undefined,
      fetcher: fetcherFor(config),
      inputValueDeprecation: true,
      schemaDescription: true,
      shouldPersistHeaders: false, // a token never reaches the browser's storage
      storage: openStorage(config),
    },
    createElement(GraphiQL.Logo, null, null),
  );
  createRoot(root).render(page);
}

start(document.getElementById("graphiql"));

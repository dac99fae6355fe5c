// What the browser tests share: a browser, waiting for conditions, the daemon's
// own answers to compare with, and what no page may do.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const need = (name) => {
  const value = process.env[name];
  assert(value, `${name} is not set; tests/browser.rs sets it`);
  return value;
};

/** Where the daemon serves, `http://127.0.0.1:PORT`. */
export const BASE = need("OPTICSD_URL");
/** Where pictures go. */
export const PICTURES = need("OPTICSD_PICTURES");
/** Looks up modules where they were installed, which is not beside this file. */
export const fromModules = createRequire(`${need("OPTICSD_NODE_MODULES")}/here.js`);

/** For how long a condition may take, in milliseconds. */
const PATIENCE = 20_000;

/** Starts the browser with a profile of its own. */
export const launch = () => fromModules("playwright-core").chromium.launch({
  executablePath: need("OPTICSD_CHROMIUM"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Tries again until `attempt` does not throw; returns what it returned. */
export async function until(what, attempt) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) {
        error.message = `waited ${PATIENCE} ms for ${what}: ${error.message}`;
        throw error;
      }
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** An answer of the API. */
export async function api(path) {
  const answer = await fetch(`${BASE}/api/v1/${path}`);
  assert.equal(answer.status, 200, path);
  return answer.json();
}

/**
 * A context whose pages may show and nothing else: gathers errors of scripts,
 * violations of the content policy, dialogs, and requests to other servers.
 */
export async function watched(browser, options = {}) {
  const context = await browser.newContext({ baseURL: BASE, ...options });
  const trouble = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(`${BASE}/`)) trouble.push(`request to ${request.url()}`);
  });
  context.on("weberror", (error) => trouble.push(`script: ${error.error()}`));
  context.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("console", (message) => {
    // That there is no such page is said of the page itself.
    const isOfPage = message.location().url === message.page()?.url();
    if (isOfPage && message.text().includes("status of 404")) return;
    if (["error", "warning"].includes(message.type())) {
      trouble.push(`console of ${message.page()?.url()}: ${message.text()}`);
    }
  });
  const end = async () => {
    await context.close();
    assert.deepEqual(trouble, []);
  };
  return { context, trouble, end };
}

/** Checks by name, told as they pass; the first that fails ends all. */
export async function check(name, run) {
  const start = Date.now();
  try {
    await run();
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
  console.log(`passed: ${name} (${Date.now() - start} ms)`);
}

/** Text with one space where there are several. */
export const plain = (text) => text.replace(/\s+/g, " ").trim();

/** Text with its numbers made alike: readings move between two looks. */
export const numberless = (text) => plain(text).replace(/\d+(\.\d+)?(e[+-]?\d+)?/g, "#");

/** How many ports have each verdict, as the header of a page tells. */
export const countsOn = (page) => page.locator(".counts [data-count]").evaluateAll((all) =>
  Object.fromEntries(all.map((one) => [one.dataset.count, Number(one.textContent)])));

/** The same from ports of the API. */
export function countsOf(ports) {
  const counts = { bad: 0, degraded: 0, unknown: 0, ok: 0, modules: 0 };
  for (const port of ports) {
    counts[port.verdict] += 1;
    if (!["empty", "unread"].includes(port.presence)) counts.modules += 1;
  }
  return counts;
}

// The status page in a browser, as its reader uses it, against the API.
import assert from "node:assert/strict";
import { api, check, countsOf, countsOn, launch, numberless, plain, until, watched } from "./support.mjs";
import { looks } from "./looks.mjs";

/** The port whose past is in the store before the daemon begins. */
const OLD = process.env.OPTICSD_OLD_PORT;

const browser = await launch();
const person = await watched(browser, { permissions: ["clipboard-read", "clipboard-write"] });
const page = await person.context.newPage();
const ports = () => api("ports");
const isSick = (port) => ["bad", "degraded"].includes(port.verdict);
const rows = (table) => page.locator(`${table} > tbody > tr, ${table} > .scroll > table > tbody > tr`);

await check("each sick port's reasons are one click from the front panel", async () => {
  const sick = (await ports()).filter(isSick).map((port) => port.port);
  assert(sick.length > 5, "the demo has sick ports");
  for (const name of sick) {
    await page.goto("/");
    const slot = page.locator(`.front [data-port="${name}"]`);
    await slot.locator("a.cage").hover();
    assert(await slot.locator(".tip").isVisible(), `what ${name} has to tell is shown`);
    await slot.locator("a.cage").click();
    await page.waitForURL(`**/ports/${name}`);
    assert.equal(await page.locator("h1").textContent(), name);
    let isFirst = true;
    await until(`the reasons of ${name}`, async () => {
      if (!isFirst) await page.reload();
      isFirst = false;
      const port = (await ports()).find((port) => port.port === name);
      const verdict = page.locator("#verdict");
      assert.equal(await verdict.locator("h2").textContent(), `Verdict: ${port.verdict}`);
      const said = (await verdict.locator("li").allTextContents()).map(numberless);
      for (const reason of port.reasons) assert(said.includes(numberless(reason)), `${reason} in ${said}`);
      if (isSick(port)) assert(port.reasons.length > 0, "a verdict has reasons");
    });
  }
});

await check("the overview renews itself without being loaded again", async () => {
  await page.goto("/");
  await page.evaluate(() => { window.stays = performance.timeOrigin; });
  await page.getByText("● live").waitFor();
  const warmth = () => page.locator(".ports [data-field=temperature]").allTextContents();
  const ages = () => page.locator(".ports [data-read]").allTextContents();
  const before = await warmth();
  await until("a temperature to change", async () => assert.notDeepEqual(await warmth(), before));
  const old = await ages();
  await until("ages to change", async () => assert.notDeepEqual(await ages(), old));
  await until("the counts of the API", async () => {
    assert.deepEqual(await countsOn(page), countsOf(await ports()));
  });
  assert(await page.evaluate(() => window.stays === performance.timeOrigin), "it is the same page");
});

await check("the overview lists every port and every finding", async () => {
  await until("the findings of the API", async () => {
    await page.reload();
    const known = await ports();
    assert.equal(await page.locator(".ports tbody tr").count(), known.length);
    assert.equal(await page.locator(".front .cage").count(), known.length);
    const finding = (port, found) => numberless(
      `${port.port} ${found.rule} saw ${found.saw}, planned ${found.planned} ${found.advice}`);
    const wanted = known.flatMap((port) => port.findings.map((found) => finding(port, found)));
    const lines = await page.locator(".findings.all li").evaluateAll((all) => all.map((line) =>
      Array.from(line.children, (part) => part.textContent).slice(1).join(" ")));
    assert(wanted.length > 5);
    assert.deepEqual(lines.map(numberless).sort(), wanted.sort());
  });
});

await check("columns sort by a click and tell it", async () => {
  await page.goto("/");
  const heads = await page.locator(".ports thead th a").allTextContents();
  assert(heads.length >= 8, `${heads}`);
  for (const head of heads) {
    await page.locator(".ports thead th").getByRole("link", { name: head, exact: true }).click();
    const sorted = page.locator(".ports th[aria-sort]");
    await until(`${head} to be sorted by`, async () => {
      const names = await sorted.allTextContents();
      assert.deepEqual(names.map((name) => name.replace(" ▾", "")), [head]);
    });
    assert.match(await sorted.getAttribute("aria-sort"), /^(a|de)scending$/);
  }
});

await check("a port's page shows its past and what is known of it", async () => {
  await page.goto(`/ports/${OLD}`);
  const port = await api(`ports/${OLD}`);
  for (const range of ["24h", "7d", "1h"]) {
    await page.locator(".ranges").getByRole("link", { name: range, exact: true }).click();
    await page.waitForURL(`**/ports/${OLD}?range=${range}#history`);
    assert.equal(await page.locator(".ranges [aria-current]").textContent(), range);
    const charts = page.locator("svg.chart");
    assert(await charts.count() >= 3, "errors, temperature and light");
    for (const chart of await charts.all()) {
      const axis = await chart.locator(".grid text").allTextContents();
      assert(axis.filter((text) => /^\d\d(:\d\d|-\d\d)|^\w{3}/.test(text)).length >= 2, `times: ${axis}`);
      assert(axis.some((text) => ["ratio", "°C", "dBm"].includes(text)), `a unit: ${axis}`);
      assert(await chart.locator(".line").count() > 0);
      assert((await chart.locator(".marks title").allTextContents()).join().includes("link went down"));
      const box = await chart.boundingBox();
      assert(box.width > 300 && box.height > 150, `it can be read: ${JSON.stringify(box)}`);
    }
  }
  assert.equal(await rows("#lanes").count(), port.lanes.length);
  assert.deepEqual(await page.locator("#lanes tfoot th").allTextContents(),
    ["high alarm", "high warning", "low warning", "low alarm"]);
  assert.equal(await page.locator("#class .scroll tbody tr").count(), port.class.evidence.length);
  assert(port.class.evidence.length > 0);
  assert.match(await page.locator("#flags").innerText(), /raised|clear/i);
  await until("sessions and events of the API", async () => {
    await page.reload();
    const [sessions, events] = [await api(`ports/${OLD}/sessions`), await api(`events?port=${OLD}`)];
    assert(sessions.length > 0 && events.length > 2);
    assert.equal(await rows("#sessions").count(), sessions.length);
    const kinds = await page.locator("#events tbody tr td:nth-child(2)").allTextContents();
    const wanted = events.map((event) => event.kind).sort();
    assert.deepEqual(kinds.map((kind) => kind.replace("✕", "").trim()).sort(), wanted);
  });
});

await check("a port's page renews itself and keeps what the reader opened", async () => {
  await page.goto(`/ports/${OLD}`);
  await page.evaluate(() => {
    window.stays = true;
    window.reading = document.querySelector("#lanes .scroll");
    window.reading.focus();
  });
  const lanes = () => page.locator("#lanes tbody").textContent();
  const before = await lanes();
  await until("the lanes to be renewed", async () => assert.notEqual(await lanes(), before));
  assert(await page.evaluate(() => window.stays && document.activeElement === window.reading));
});

await check("registers have names, and their dump can be copied", async () => {
  await page.goto(`/ports/${OLD}`);
  await page.getByRole("link", { name: "registers" }).click();
  await page.waitForURL(`**/ports/${OLD}/raw`);
  const text = await page.locator("main").innerText();
  for (const name of ["Vendor name", "Module state"]) {
    assert(text.toLowerCase().includes(name.toLowerCase()), name);
  }
  await until("the clipboard to hold the dump of the API", async () => {
    await page.reload();
    await page.getByRole("button", { name: "copy dump" }).click();
    await page.getByRole("button", { name: "copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const answer = await page.request.get(`/api/v1/ports/${OLD}/dump`);
    assert.equal(copied, await answer.text());
    assert(copied.length > 1000);
  });
});

await check("bring-up counts planned ports and has a hint for each that is not OK", async () => {
  await page.goto("/bringup");
  await until("the planned ports of the API", async () => {
    const known = (await ports()).filter((port) => port.role !== undefined);
    const shown = await page.locator(".checklist tbody tr").evaluateAll((all) => all.map((row) => ({
      port: row.dataset.port,
      state: row.querySelector("[data-field=bringup]").textContent,
      hints: Array.from(row.querySelectorAll("[data-field=hints] p"), (hint) => hint.textContent.trim()),
    })));
    const isOk = (port) => port.verdict === "ok" && port.presence === "active";
    assert.deepEqual(shown.map((row) => row.port), known.map((port) => port.port));
    assert.deepEqual(shown.filter((row) => row.state === "OK").map((row) => row.port),
      known.filter(isOk).map((port) => port.port));
    const ok = known.filter(isOk).length;
    const wanted = shown.filter((row) => row.state !== "empty, may be").length;
    assert(plain(await page.locator(".tally").textContent()).startsWith(`${ok} of ${wanted} planned ports OK`));
    assert(ok > 0 && ok < wanted);
    for (const row of shown) {
      const hinted = row.hints.length > 0 && row.hints.every((hint) => hint.length > 10);
      assert.equal(hinted, row.state === "NOT OK", JSON.stringify(row));
    }
  });
});
await person.end();

await check("everything can be read without scripts", async () => {
  const { context, end } = await watched(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await until("the counts of the API", async () => {
    await page.goto("/");
    assert.deepEqual(await countsOn(page), countsOf(await ports()));
  });
  const known = await ports();
  assert.equal(await page.locator(".ports tbody tr").count(), known.length);
  await page.locator(".ports thead").getByRole("link", { name: "°C" }).click();
  await page.waitForURL("**/?sort=temperature");
  const warmth = (await page.locator(".ports [data-field=temperature]").allTextContents())
    .filter((text) => text !== "–").map(Number);
  assert(warmth.length > 50);
  assert.deepEqual(warmth, [...warmth].sort((a, b) => b - a), "the hottest first");

  await page.locator(`.ports [data-port="${OLD}"] a`).click();
  await page.waitForURL(`**/ports/${OLD}`);
  assert.match(await page.locator("#verdict h2").textContent(), /^Verdict: \w+$/);
  assert(await page.locator("svg.chart").count() >= 3);
  await page.getByRole("link", { name: "registers" }).click();
  await page.waitForURL("**/raw");
  assert(await page.locator("main tbody tr").count() > 50);
  assert.equal(await page.getByRole("button").count(), 0, "no button that does nothing");

  await page.goto("/");
  await page.getByRole("link", { name: "Bring-up" }).click();
  await page.waitForURL("**/bringup");
  assert.equal(await page.locator(".checklist tbody tr").count(),
    known.filter((port) => port.role !== undefined).length);
  await page.getByRole("link", { name: "not OK" }).click();
  await page.waitForURL("**/bringup?show=not-ok");
  const states = await page.locator(".checklist [data-field=bringup]").allTextContents();
  assert(states.length > 5 && states.every((state) => state === "NOT OK"));
  await page.getByRole("link", { name: "Fabric" }).click();
  await page.waitForURL("**/fabric");
  assert.match(await page.locator("main").textContent(), /plane 1/i);
  await end();
});

await looks(browser, OLD);
await browser.close();

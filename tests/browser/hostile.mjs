// Modules whose makers' names want to be markup: they are text everywhere.
import assert from "node:assert/strict";
import { api, check, launch, until, watched } from "./support.mjs";

/** What tests/browser.rs had written into the modules, by port. */
const NAMES = JSON.parse(process.env.OPTICSD_HOSTILE_NAMES);

const browser = await launch();
const { context, end } = await watched(browser);
await context.addInitScript(() => {
  window.a = () => { window.ran = true; };
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`content policy: ${event.violatedDirective} ${event.sample}`);
  });
});
const page = await context.newPage();

/** Nothing of a name became an element, an attribute or a script that ran. */
async function isHarmless() {
  const found = await page.evaluate(() => ({
    ran: window.ran === true,
    elements: document.querySelectorAll("main script, main img, main b[style], [onload], [onfocus], :not(svg *)[x]").length,
  }));
  assert.deepEqual(found, { ran: false, elements: 0 }, page.url());
}

for (const [port, name] of Object.entries(NAMES)) {
  await check(`${name} is text`, async () => {
    await until("the module to come", async () => {
      assert.equal((await api(`ports/${port}`)).identity?.vendor, name);
    });
    await page.goto("/");
    const cells = await page.locator(`.ports [data-port="${port}"] td`).allTextContents();
    assert(cells.some((cell) => cell.includes(name)), `${cells}`);
    await page.getByText("● live").waitFor();
    await isHarmless();
    await page.goto(`/ports/${port}`);
    assert((await page.locator("#module dd").allTextContents()).includes(name));
    await isHarmless();
    // The page made anew goes in as carefully as the first.
    const answer = await page.waitForResponse((answer) => answer.request().resourceType() === "fetch");
    await answer.finished();
    await page.getByText("● live").waitFor();
    await isHarmless();
    await page.goto(`/ports/${port}/raw`);
    assert((await page.locator("main").innerText()).includes(name));
    await isHarmless();
  });
}

await check("bring-up, findings and the stream carry such names as text", async () => {
  for (const address of ["/", "/bringup", "/fabric"]) {
    await page.goto(address);
    await isHarmless();
  }
  const ports = await api("ports");
  const told = (port) => NAMES[port.port] && port.reasons.join().includes(NAMES[port.port]);
  const { port } = ports.find(told);
  await page.goto("/");
  await until("the reason of the stream", async () => {
    const reason = await page.locator(`.ports [data-port="${port}"] [data-field=reason]`).textContent();
    assert(reason.includes(NAMES[port]), reason);
  });
  await isHarmless();
});
await end();
await browser.close();

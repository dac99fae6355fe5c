// Every page in light, dark and on a phone: judged for those who cannot see or
// point, kept from scrolling sideways, and pictured for those who change it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { PICTURES, api, check, fromModules, watched } from "./support.mjs";

const AXE = readFileSync(fromModules.resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 900 };
/** The narrowest screens that are about, in CSS pixels. */
const PHONE = { width: 360, height: 780 };
/** The rules that look at colours: the dark look differs in nothing else. */
const COLOURS = ["color-contrast", "link-in-text-block"];
const LOOKS = [
  { name: "light", options: { viewport: WIDE, colorScheme: "light" }, rules: {} },
  { name: "dark", options: { viewport: WIDE, colorScheme: "dark" }, rules: { runOnly: COLOURS } },
  {
    name: "phone",
    options: { viewport: PHONE, colorScheme: "light", isMobile: true, hasTouch: true },
    rules: { rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) },
  },
];

/** The pages by the names of their pictures; a few kinds of ports. */
async function pages(old) {
  const ports = await api("ports");
  const first = (is) => ports.find(is).port;
  return [
    ["overview", "/"],
    ["bringup", "/bringup"],
    ["fabric", "/fabric"],
    ["port", `/ports/${old}?range=24h`],
    ["port-missing", `/ports/${first((port) => port.presence === "empty")}`],
    ["port-co-packaged", `/ports/${first((port) => port.class === "cpo")}`],
    ["port-not-as-planned", `/ports/${first((port) => port.findings.some((f) => f.rule === "class-denied"))}`],
    ["raw", `/ports/${old}/raw`],
    ["not-found", "/ports/none"],
  ];
}

/** What the judge of accessibility finds, a line for each kind. */
async function violations(page, rules) {
  const found = await page.evaluate((rules) =>
    window.axe.run(document, { resultTypes: ["violations"], ...rules }), rules);
  return found.violations.map((one) => {
    const places = one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`);
    return `${one.id}: ${one.help} (${one.nodes.length} places): ${places.join(" | ")}`;
  });
}

/** The picture of README.md: what one sees first. */
async function picture(page) {
  await page.setViewportSize({ width: 1280, height: 760 });
  await page.goto("/");
  await page.getByText("● live").waitFor();
  await page.locator(".slot .cage.bad").first().hover();
  await page.screenshot({ path: `${PICTURES}/page.png` });
}

/** Checks every page in every look. */
export async function looks(browser, old) {
  mkdirSync(PICTURES, { recursive: true });
  for (const { name, options, rules } of LOOKS) {
    await check(`pages are accessible and fit: ${name}`, async () => {
      const { context, end } = await watched(browser, options);
      await context.addInitScript({ content: AXE });
      const page = await context.newPage();
      const wrong = [];
      for (const [picture, address] of await pages(old)) {
        await page.goto(address);
        for (const said of await violations(page, rules)) wrong.push(`${address}: ${said}`);
        const [has, fits] = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth, clientWidth];
        });
        if (has > fits) wrong.push(`${address}: scrolls sideways, ${has} in ${fits}`);
        await page.screenshot({ path: `${PICTURES}/${picture}-${name}.png`, fullPage: true });
      }
      if (name === "light") await picture(page);
      assert(wrong.length === 0, wrong.join("\n"));
      await end();
    });
  }
}

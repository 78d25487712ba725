// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A browser on the Cockpit page, driven by lines of JSON: each names a method of a locator, of the page or of
// those below, and is answered by a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");

const HOST = "http://localhost:9090";
const URL = `${HOST}/truenas-ssh`;
const FRAME = "iframe[name='cockpit1:localhost/truenas-ssh']";
const WAIT_MS = 20000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let context;
let page;
let errors;

const inner = () => page.frameLocator(FRAME);
const frame = () => page.frame({ name: "cockpit1:localhost/truenas-ssh" });

const ours = {
  // A new session of a user, with or without administrative access, on our page or on one of Cockpit's own.
  async login({ user, password, admin = true, colour = "light", width = 1100, height = 900, language,
                path = "truenas-ssh", sight = "h1" }) {
    await context?.close();
    context = await browser.newContext({
      colorScheme: colour, viewport: { width, height }, permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(WAIT_MS);
    if (language)
      await context.addCookies([{ name: "CockpitLang", value: language, url: URL }]);
    page = await context.newPage();
    errors = [];
    page.on("pageerror", error => error.stack?.includes("/truenas-ssh/") && errors.push(error.stack));
    await page.goto(`${HOST}/${path}`);
    await page.evaluate(([key, value]) => localStorage.setItem(key, value),
                        [`superuser:${user}`, admin ? "any" : "none"]);
    await page.fill("#login-user-input", user);
    await page.fill("#login-password-input", password);
    await page.click("#login-button");
    const began = performance.now();
    await page.frameLocator(`iframe[name='cockpit1:localhost/${path}']`).locator(sight).first().waitFor();
    return performance.now() - began;
  },
  // As a person does whom Cockpit has lost: load it anew, and log in again.
  async again({ user, password }) {
    await page.goto(URL);
    const login = page.locator("#login-user-input");
    await login.or(page.locator(FRAME)).first().waitFor();
    if (await login.isVisible()) {
      await login.fill(user);
      await page.fill("#login-password-input", password);
      await page.click("#login-button");
    }
    await inner().locator("h1").waitFor();
  },
  // Cockpit's own words around the page.
  shell: () => page.evaluate(() => document.body.innerText),
  menu: () => page.locator("a[href$='/truenas-ssh']").first().innerText(),
  clipboard: () => frame().evaluate(() => navigator.clipboard.readText()),
  errors: () => errors,
  async style(style) {
    await page.evaluate(value => localStorage.setItem("shell:style", value), style);
    await page.evaluate(value => window.dispatchEvent(
      new CustomEvent("cockpit-style", { detail: { style: value } })), style);
    await frame().evaluate(value => window.dispatchEvent(
      new CustomEvent("cockpit-style", { detail: { style: value } })), style);
  },
  direction: value => frame().evaluate(dir => { document.documentElement.dir = dir }, value),
  directed: () => frame().evaluate(() => document.documentElement.dir),
  size: ([width, height]) => page.setViewportSize({ width, height }),
  key: name => page.keyboard.press(name),
  async axe() {
    await frame().evaluate(axe);
    const { violations } = await frame().evaluate(() => window.axe.run(document));
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(each => `${each.target} ${each.html}`).slice(0, 3).join(" ")}`);
  },
  // What cannot be reached without scrolling sideways, or is cut off.
  hidden: () => frame().evaluate(() => [...document.querySelectorAll("button, input, select, textarea, h1, h2, p, pre")]
    .filter(each => {
      const { left, right, width } = each.getBoundingClientRect();
      return width > 1 && (left < 0 || right > document.documentElement.clientWidth);
    }).map(each => each.outerHTML.slice(0, 200))),
  async picture(path) {
    // The frame scrolls by itself: as tall a window as its content shows all of it.
    const { width, height } = page.viewportSize();
    const tall = await frame().evaluate(() => Math.max(...[...document.querySelectorAll("main, .pf-v6-c-page__main")]
      .map(each => each.scrollHeight), 0));
    await page.setViewportSize({ width, height: Math.max(height, tall + 120) });
    await page.screenshot({ path });
    await page.setViewportSize({ width, height });
  },
  html: () => frame().evaluate(() => document.body.innerText),
};

async function answer({ method, selector, args = [] }) {
  if (selector)
    return inner().locator(selector)[method](...args);
  return ours[method](...args);
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = { value: (await answer(JSON.parse(line))) ?? null };
  } catch (error) {
    reply = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await browser.close();

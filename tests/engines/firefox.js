// Firefox for tests/engines/drivers.py: one JSON command a line on stdin, one JSON reply a line on stdout.
//   {"do": "goto", "url"} {"do": "reload"} {"do": "evaluate", "script", "values"} {"do": "click", "selector"}
//   {"do": "type", "selector", "text"} {"do": "screenshot", "path"} {"do": "close"}
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [executablePath, userDataDir, watch] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  userDataDir,
  headless: true,
  extraPrefsFirefox: {
    "intl.accept_languages": "en-US",
    "media.autoplay.default": 0,
    "media.navigator.permission.disabled": true,
    "network.captive-portal-service.enabled": false,
  },
});
const page = await browser.newPage();
await page.setViewport({ width: 390, height: 844 });
await page.evaluateOnNewDocument(watch);
page.on("dialog", (dialog) => dialog.accept());

const actions = {
  goto: ({ url }) => page.goto(url, { waitUntil: "load", timeout: 30_000 }),
  reload: () => page.reload({ waitUntil: "load", timeout: 30_000 }),
  evaluate: ({ script, values }) => page.evaluate(`(${script})(...${JSON.stringify(values)})`),
  click: ({ selector }) => page.click(selector),
  type: ({ selector, text }) => page.type(selector, text),
  screenshot: ({ path }) => page.screenshot({ path }),
  close: () => browser.close(),
};
const RETURNS = new Set(["evaluate"]);

const reply = (fields) => process.stdout.write(`${JSON.stringify(fields)}\n`);
reply({ value: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  try {
    const value = await actions[command.do](command);
    reply({ value: RETURNS.has(command.do) ? (value ?? null) : null });
  } catch (error) {
    reply({ error: String(error) });
  }
  if (command.do === "close") break;
}
process.exit(0);

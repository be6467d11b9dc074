// Mozilla's scanner, offline: every connection it makes goes to the product on this machine, whatever name it asks for.
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const PORTS = { 80: Number(process.env.SCAN_HTTP_PORT), 443: Number(process.env.SCAN_HTTPS_PORT) };
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  const port = PORTS[options.port];
  if (!port) throw new Error(`the scanner asked for port ${options.port}`);
  Object.assign(options, { host: "127.0.0.1", port, lookup: undefined });
  return connect.apply(this, given);
};

// its list of preloaded hosts comes over the network; the name scanned here is on none
const scanner = dirname(dirname(createRequire(import.meta.url).resolve("@mdn/mdn-http-observatory")));
mkdirSync(join(scanner, "conf"), { recursive: true });
writeFileSync(join(scanner, "conf", "hsts-preload.json"), "{}");

const { scan } = await import("@mdn/mdn-http-observatory");
const { scan: found, tests } = await scan(process.argv[2]);
const lost = Object.values(tests).filter((test) => !test.pass).map((test) => `${test.title ?? test.name}: ${test.result}`);
console.log(JSON.stringify({ grade: found.grade, score: found.score, lost }));

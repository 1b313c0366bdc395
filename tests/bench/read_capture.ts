/**
 * Reads a capture file, dissects it if told to by `dissect` behind its name, and
 * prints, as JSON, how many packets a second that was and the most memory that
 * the process ever had.
 *
 * @module
 */

import { dissect, readCapture } from "../../mod.ts";

const [path, what] = Deno.args;
using file = await Deno.open(path);
const start = performance.now();
let packets = 0;
let octets = 0;
let layers = 0;
for await (const { bytes, linkType } of readCapture(file.readable)) {
  packets++;
  octets += bytes.length;
  if (what === "dissect") layers += dissect(bytes, { linkType }).layers.length;
}
const rate = packets / (performance.now() - start) * 1000;
const status = await Deno.readTextFile("/proc/self/status");
const peakKB = Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]);
console.log(JSON.stringify({ packets, octets, layers, rate, peakKB }));

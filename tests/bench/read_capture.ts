/**
 * Reads a capture file and prints, as JSON, how many packets a second that was
 * and the most memory that the process ever had.
 *
 * @module
 */

import { readCapture } from "../../mod.ts";

using file = await Deno.open(Deno.args[0]);
const start = performance.now();
let packets = 0;
let octets = 0;
for await (const { bytes } of readCapture(file.readable)) {
  packets++;
  octets += bytes.length;
}
const rate = packets / (performance.now() - start) * 1000;
const status = await Deno.readTextFile("/proc/self/status");
const peakKB = Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]);
console.log(JSON.stringify({ packets, octets, rate, peakKB }));

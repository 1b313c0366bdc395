/** Which quotes are a probe's, whatever has become of it on its way. */

import { assertEquals } from "@std/assert";
import { ICMPMethod } from "../../../lib/tools/trace/trace_icmp.ts";
import type {
  Flow,
  ProbeMethod,
} from "../../../lib/tools/trace/trace_method.ts";
import {
  changesBetween,
  readTraced,
} from "../../../lib/tools/trace/trace_quote.ts";
import { UDPMethod } from "../../../lib/tools/trace/trace_udp.ts";
import { get16, put16 } from "../../../lib/wire/octets.ts";
import { encodeIPv4, encodeIPv6 } from "../../../mod.ts";

const FLOW: Flow = {
  family: 4,
  source: "10.9.1.1",
  destination: "10.9.9.2",
  port: 33_434,
  isClassic: false,
};
const PORT = { number: 40_000, [Symbol.dispose]: () => {} };

/** A probe, and the same as a translator passes it on and does not restore. */
function translated(
  method: ProbeMethod,
  checksumAt: number,
  changedAt: number,
) {
  const { source, destination } = FLOW;
  const header = { source, destination, protocol: method.protocol };
  const sent = encodeIPv4({ ...header, identification: 7 }, method.segment(40));
  const quoted = sent.slice();
  const [checksum, changed] = [20 + checksumAt, 20 + changedAt];
  put16(quoted, changed, get16(quoted, changed) - 5 & 0xffff);
  // Ones' complement, so what one field loses the other gains.
  const sum = get16(quoted, checksum) + 5;
  put16(quoted, checksum, sum > 0xffff ? sum - 0xffff : sum);
  return { sent, quoted };
}

Deno.test("of a translated probe the identification is quoted, or the payload", () => {
  const icmp = new ICMPMethod(FLOW);
  icmp.close();
  for (
    const [method, checksumAt, changedAt] of [
      [new UDPMethod(FLOW, PORT), 6, 0],
      [icmp, 2, 4],
    ] as const
  ) {
    // More often than the sum has two forms.
    for (let times = 0; times < 20; times++) {
      const { sent, quoted } = translated(method, checksumAt, changedAt);
      const isQuoted = (octets: number, identification: number) => {
        const copy = quoted.slice(0, octets);
        put16(copy, 4, identification);
        return method.isQuoted(readTraced(sent, 4)!, readTraced(copy, 4)!);
      };
      assertEquals(
        [isQuoted(28, 7), isQuoted(28, 8), isQuoted(32, 8), isQuoted(60, 8)],
        [true, false, true, true],
      );
      // Untouched, eight octets are enough.
      const bare = sent.slice(0, 28);
      put16(bare, 4, 8);
      assertEquals(
        method.isQuoted(readTraced(sent, 4)!, readTraced(bare, 4)!),
        true,
      );
    }
  }
});

Deno.test("changesBetween() tells what IPv6 may change", () => {
  const header = { source: "fd00::1", destination: "fd00::2", protocol: 253 };
  const sent = encodeIPv6(
    { ...header, flowLabel: 0x12345 },
    new Uint8Array(40),
  );
  const quoted = encodeIPv6(
    { ...header, flowLabel: 0x54321, dscp: 8, hopLimit: 1, payloadLength: 9 },
    new Uint8Array(40),
  );
  assertEquals(
    changesBetween(readTraced(sent, 6)!, readTraced(quoted, 6)!),
    [
      { field: "trafficClass", sent: 0, quoted: 32 },
      { field: "totalLength", sent: 80, quoted: 49 },
      { field: "flowLabel", sent: 0x12345, quoted: 0x54321 },
    ],
  );
  assertEquals(readTraced(quoted, 6)!.segment.length, 40);
});

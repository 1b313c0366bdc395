/** Which packets are to be seen. */

import { assertEquals, assertThrows } from "@std/assert";
import { factsOf, parseFilter } from "../../lib/page/filter/criteria.ts";
import { ShownPackets } from "../../lib/page/filter/shown.ts";
import { FilterWork, pack, type Verdicts } from "../../lib/page/filter/work.ts";
import { savedCapture } from "../../lib/page/state/capture_file.ts";
import { PacketStore } from "../../lib/page/state/store.ts";
import { readCapture } from "../../lib/capture/read_capture.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { buildPacket } from "../../lib/wire/packet/build.ts";
import { dissect } from "../../lib/wire/packet/dissect.ts";
import { icmpv4, ipv4, ipv6, udp } from "../../lib/wire/packet/layers.ts";

const UDP = buildPacket(
  ipv4({ source: "10.9.1.1", destination: "10.9.4.2" }),
  udp({ sourcePort: 5353, destinationPort: 53 }),
  "x",
);
const ECHO = buildPacket(
  ipv4({ source: "10.9.4.2", destination: "10.9.1.1" }),
  icmpv4({ kind: "echoReply" }),
);
const SIX = buildPacket(
  ipv6({ source: "2001:db8::1", destination: "2001:db8::2", protocol: 59 }),
);

/** Filters, and which of the three they let through. */
const FILTERS: [text: string, shown: string][] = [
  ["", "UDP ECHO SIX"],
  ["udp", "UDP"],
  ["UDP", "UDP"],
  ["icmp", "ECHO"],
  ["not icmp", "UDP SIX"],
  ["ip", "UDP ECHO"],
  ["ip6", "SIX"],
  ["17", "UDP"],
  ["protocol 17", "UDP"],
  ["protocol icmp", "ECHO"],
  ["host 10.9.1.1", "UDP ECHO"],
  ["host 2001:DB8:0::1", "SIX"],
  ["host 10.9.1.1 not udp", "ECHO"],
  ["host 10.9.1.1 and not udp", "ECHO"],
  ["port 53", "UDP"],
  ["port 5353", "UDP"],
  ["not port 53", "ECHO SIX"],
  ["on router1", "UDP ECHO SIX"],
  ["on router1/eth0", "UDP ECHO SIX"],
  ["on host", "UDP ECHO SIX"],
  ["on router", ""],
  ["not not udp", "UDP"],
];

for (const [text, shown] of FILTERS) {
  Deno.test(`the filter "${text}" shows ${shown || "nothing"}`, () => {
    const criterion = parseFilter(text);
    const all = Object.entries({ UDP, ECHO, SIX });
    const passed = all.filter(([, bytes]) =>
      criterion(factsOf(dissect(bytes), ["host/eth0", "router1/eth0"]))
    );
    assertEquals(passed.map(([name]) => name).join(" "), shown);
  });
}

const FAULTS: [text: string, says: string][] = [
  ["upd", "upd: wanted is a protocol, or host, port, on with a value"],
  ["host", "host : wanted is an address"],
  ["host x", "host x: wanted is an address"],
  ["port 70000", "port 70000: wanted is 0 to 65535"],
  ["port", "port : wanted is 0 to 65535"],
  ["on", "on: wanted is a place"],
  ["udp not", "not: what follows it is missing"],
  ["constructor", "constructor: wanted is a protocol"],
  ["toString", "tostring: wanted is a protocol"],
];

for (const [text, says] of FAULTS) {
  Deno.test(`the filter "${text}" is none, and why is told`, () => {
    assertThrows(() => parseFilter(text), RangeError, says);
  });
}

/** A store, what is shown of it, and a worker that answers when it is told. */
function filtered() {
  const store = new PacketStore();
  const shown = new ShownPackets();
  const verdicts: Verdicts[] = [];
  const work = new FilterWork((some) => verdicts.push(some));
  store.onAdded = (some) => work.take({ type: "add", packed: pack(some) });
  const filter = (text: string) => {
    const version = shown.renew();
    work.take({ type: "filter", version, text, hidesNoise: false });
  };
  const answer = (isLate = false) => {
    const told = verdicts.splice(0);
    for (const some of isLate ? told.reverse() : told) shown.judge(some);
    shown.update(store);
    return shown.packets.map(({ number }) => number);
  };
  let time = 0n;
  const add = (bytes: Uint8Array<ArrayBuffer>, timestampNs = ++time) =>
    store.add([{
      point: { name: "a/eth0" },
      ...{ bytes, timestampNs, originalLength: bytes.length },
      ...{ linkType: LINK_TYPE_RAW, isOutgoing: true },
    }]);
  return { store, shown, filter, answer, add, work };
}

Deno.test("packets are shown once their verdict is there, in order", () => {
  const { filter, answer, add, shown, store } = filtered();
  filter("udp");
  add(UDP);
  add(ECHO);
  shown.update(store);
  assertEquals(shown.packets.length, 0);
  assertEquals(answer(), [1]);
  add(UDP);
  assertEquals(answer(), [1, 3]);
  // One that was earlier, and came later.
  add(UDP, 1n);
  assertEquals(answer(), [1, 4, 3]);
});

Deno.test("another filter is of all packets, and late verdicts of the old one are none", () => {
  const { filter, answer, add } = filtered();
  filter("udp");
  add(UDP);
  add(ECHO);
  filter("icmp");
  // The old filter's come last.
  assertEquals(answer(true), [2]);
  filter("");
  assertEquals(answer(), [1, 2]);
});

Deno.test("after clearing only what comes is shown", () => {
  const { filter, answer, add, store, work } = filtered();
  filter("");
  add(UDP);
  assertEquals(answer(), [1]);
  store.clear();
  work.take({ type: "clear" });
  assertEquals(answer(), []);
  add(ECHO);
  assertEquals(answer(), [2]);
  filter("udp");
  assertEquals(answer(), []);
});

Deno.test("what is saved is read again, with times and places", async () => {
  const { store, add } = filtered();
  add(UDP);
  add(ECHO);
  const saved = await Array.fromAsync(
    readCapture(savedCapture(store.packets)),
  );
  assertEquals(
    saved.map(({ bytes, timestampNs }) => [bytes, timestampNs]),
    [[UDP, 1n], [ECHO, 2n]],
  );
  assertEquals(saved.map(({ interfaceName }) => interfaceName), [
    "a/eth0",
    "a/eth0",
  ]);
});

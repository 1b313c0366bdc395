import { assertEquals } from "@std/assert";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import {
  renderReceived,
  renderSent,
} from "../../../lib/render/tools/messages.ts";
import { socketError } from "../../../lib/socket/errors.ts";
import type { ReceiveEvent } from "../../../lib/tools/pair/receive_messages.ts";
import type { SendEvent } from "../../../lib/tools/pair/send_messages.ts";
import { icmpv4Name } from "../../../lib/wire/icmp/icmp_names.ts";
import { decodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { datagram, OUTGOING, SEED, SEED_TIME_NS } from "../packets.ts";

function arrived(hex: string): ReceiveEvent {
  const bytes = Uint8Array.fromHex(hex);
  const parts = { datagram: datagram(bytes), ...decodeIPv4(bytes) };
  return { type: "packet", ...parts, device: "eth0", more: false };
}

/** The other events of the receiver, as text and as JSON. */
const RECEIVER: [event: ReceiveEvent, text: string, json: string][] = [
  [
    { type: "opened", protocol: 253, address: "1.1.1.1" },
    "Socket Info = raw IPv4, protocol 253, address 1.1.1.1",
    '{"type":"opened","protocol":253,"address":"1.1.1.1"}',
  ],
  [
    { type: "opened", protocol: 1, address: null },
    "Socket Info = raw IPv4, protocol 1, address any",
    '{"type":"opened","protocol":1,"address":null}',
  ],
  [
    { type: "summary", received: 4, octets: 112, dropped: 1, reason: "quit" },
    "--- 4 received, 112 octets, 1 dropped (quit)",
    '{"type":"summary","received":4,"octets":112,"dropped":1,"reason":"quit"}',
  ],
];

Deno.test("renderReceived() shows packets as the seed's receiver does", () => {
  for (const [hex, text] of SEED) {
    assertEquals(renderReceived(arrived(hex), {}), `${hex}\n${text}`);
  }
});

Deno.test("renderReceived() shows the other events in a line", () => {
  for (const [event, text, json] of RECEIVER) {
    assertEquals(renderReceived(event, {}), text);
    assertEquals(renderReceived(event, { explain: true }), text);
    assertEquals(renderReceived(event, { json: true }), json);
  }
});

Deno.test("renderReceived() explains a packet, then shows its text", () => {
  const [hex, text] = SEED[2];
  const lines = renderExplanation(Uint8Array.fromHex(hex));
  assertEquals(
    renderReceived(arrived(hex), { explain: true }),
    [...lines, "", text, ""].join("\n"),
  );
});

Deno.test("renderReceived() gives a packet as JSON with these keys", () => {
  const line = renderReceived(arrived(SEED[1][0]), { json: true });
  assertEquals(
    line,
    '{"type":"packet","timestamp":"2016-03-29T22:48:42.432656000Z",' +
      '"source":"1.1.1.100","destination":"1.1.1.1","protocol":253,' +
      '"length":22,"header":{"version":4,"headerLength":20,"dscp":0,"ecn":0,' +
      '"totalLength":22,"identification":14045,"reserved":false,' +
      '"dontFragment":false,"moreFragments":false,"fragmentOffset":0,' +
      '"ttl":128,"protocol":253,"checksum":65191,"source":"1.1.1.100",' +
      '"destination":"1.1.1.1","options":""},"payloadHex":"4869",' +
      '"payloadText":"Hi"}',
  );
  assertEquals(SEED_TIME_NS, 1459291722432656000n);
});

/** Payloads, and their text in JSON. */
const TEXTS: [hex: string, text: string][] = [
  ["", ""],
  ["1b5b324a0a", "\x1b[2J\n"],
  ["efbbbf4869", "\ufeffHi"],
  ["f09f918d", "👍"],
  ["4869ff", "Hi\ufffd"],
];

Deno.test("renderReceived() gives any payload in JSON, hex and text", () => {
  const header = SEED[1][0].slice(0, 40);
  for (const [payloadHex, payloadText] of TEXTS) {
    const length = 20 + payloadHex.length / 2;
    const hex = header.replace(/^45000016/, `450000${length.toString(16)}`);
    const event = arrived(hex + payloadHex);
    const json = JSON.parse(renderReceived(event, { json: true }));
    assertEquals([json.payloadHex, json.payloadText], [
      payloadHex,
      payloadText,
    ]);
  }
});

const REFUSED = (
  type: number,
  code: number,
  from = "1.1.1.1",
): SendEvent => ({
  type: "refused",
  error: {
    from,
    type,
    code,
    description: icmpv4Name(type, code),
    quoted: decodeIPv4(Uint8Array.fromHex(SEED[1][0])).header,
    quotedPayload: new Uint8Array(),
  },
});

/** The sender's events, as text and as JSON. */
const SENDER: [event: SendEvent, text: string, json: string][] = [
  [
    { type: "opened", ...OUTGOING, isLocal: false },
    "Socket Info = raw IPv4, protocol 253, 1.1.1.100 to 1.1.1.1",
    '{"type":"opened","source":"1.1.1.100","destination":"1.1.1.1",' +
    '"protocol":253,"ttl":7,"trafficClass":185,"mtu":1500,' +
    '"discoversMTU":true,"isLocal":false}',
  ],
  [
    { type: "sent", ...OUTGOING, payload: Uint8Array.of(0x48, 0x1b) },
    "Sent 2 octets to 1.1.1.1",
    '{"type":"sent","source":"1.1.1.100","destination":"1.1.1.1",' +
    '"protocol":253,"ttl":7,"trafficClass":185,"mtu":1500,' +
    '"discoversMTU":true,"length":2,' +
    '"payloadHex":"481b","payloadText":"H\\u001b"}',
  ],
  [
    REFUSED(3, 2),
    "1.1.1.1 answers: destination unreachable: protocol unreachable.\n" +
    "Nobody is listening there for protocol 253.",
    '{"type":"refused","from":"1.1.1.1","destination":"1.1.1.1",' +
    '"protocol":253,"icmpType":3,"icmpCode":2,' +
    '"reason":"destination unreachable: protocol unreachable"}',
  ],
  [
    REFUSED(11, 0),
    "1.1.1.1 answers: time exceeded: TTL exceeded in transit.",
    '{"type":"refused","from":"1.1.1.1","destination":"1.1.1.1",' +
    '"protocol":253,"icmpType":11,"icmpCode":0,' +
    '"reason":"time exceeded: TTL exceeded in transit"}',
  ],
  [
    REFUSED(3, 13, "100.100.100.100"),
    "100.100.100.100 answers: destination unreachable: communication " +
    "administratively\n    prohibited.",
    '{"type":"refused","from":"100.100.100.100","destination":"1.1.1.1",' +
    '"protocol":253,"icmpType":3,"icmpCode":13,"reason":' +
    '"destination unreachable: communication administratively prohibited"}',
  ],
  [
    { type: "summary", sent: 4, octets: 31, refused: 0, failed: 0 },
    "--- 4 sent, 31 octets, 0 refused",
    '{"type":"summary","sent":4,"octets":31,"refused":0,"failed":0}',
  ],
  [
    {
      type: "failed",
      number: 3,
      error: socketError({
        syscall: "sendto",
        errno: 100,
        action: "send 2 octets to 1.1.1.1",
      }),
    },
    "Message 3 is lost: cannot send 2 octets to 1.1.1.1: Network is down " +
    "(sendto:\n    ENETDOWN)\n" +
    "The interface is down, or gone: `ip link` shows it, `ip link set dev NAME up`\n" +
    "brings it up.",
    '{"type":"failed","number":3,"reason":"cannot send 2 octets to 1.1.1.1: ' +
    'Network is down (sendto: ENETDOWN)"}',
  ],
  [
    { type: "summary", sent: 4, octets: 21, refused: 0, failed: 1 },
    "--- 4 sent, 21 octets, 0 refused, 1 could not leave",
    '{"type":"summary","sent":4,"octets":21,"refused":0,"failed":1}',
  ],
];

Deno.test("renderSent() shows every event, as text and as JSON", () => {
  for (const [event, text, json] of SENDER) {
    assertEquals(renderSent(event, {}), text);
    assertEquals(renderSent(event, { json: true }), json);
  }
});

Deno.test("one octet is said as one", () => {
  const payload = Uint8Array.of(0x48);
  const counts = { octets: 1, refused: 0, failed: 0, sent: 1 };
  assertEquals(
    renderSent({ type: "sent", ...OUTGOING, payload }, {}),
    "Sent 1 octet to 1.1.1.1",
  );
  assertEquals(
    renderSent({ type: "summary", ...counts }, {}),
    "--- 1 sent, 1 octet, 0 refused",
  );
});

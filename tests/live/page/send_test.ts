/** What the page may send, and what is told of it; no browser is needed. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Answer } from "../../../lib/agent/messages.ts";
import { renderSpoof } from "../../../lib/render/tools/forged.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import {
  arp,
  ethernet,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
} from "../../../lib/wire/packet/layers.ts";
import type { IPv6Fields } from "../../../lib/wire/ipv6/ipv6.ts";
import { liveTest } from "../live.ts";
import { type RunningPage, startPage } from "./browsers.ts";

async function send(
  { url }: RunningPage,
  body: {
    readonly host?: string;
    readonly packet: Uint8Array;
    readonly isFrame?: boolean;
  },
): Promise<Answer> {
  const [address, token] = url.split("#token=");
  const response = await fetch(`${address}send`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ ...body, packet: body.packet.toHex() }),
  });
  assertEquals(response.status, 200);
  return await response.json();
}

const echo = (source: string, destination: string, ttl = 64) =>
  buildPacket(
    ipv4({ source, destination, ttl }),
    icmpv4({ kind: "echoRequest", identifier: 4, sequence: 1 }),
    "raw4",
  );

const echo6 = (
  destination: string,
  extensionHeaders: IPv6Fields["extensionHeaders"] = [],
) =>
  buildPacket(
    ipv6({ source: "::1", destination, extensionHeaders }),
    icmpv6({ kind: "echoRequest", identifier: 4, sequence: 1 }),
  );

const told = ({ events = [] }: Answer) =>
  events.map((event) => renderSpoof(event, {})).join("\n");

await liveTest(
  "a packet is sent from any host of a lab, and what became of it is told",
  ["lab"],
  async () => {
    await using page = await startPage("lab", "chain", "2");
    const there = await send(page, {
      host: "host",
      packet: echo("10.9.1.1", "10.9.3.2"),
    });
    assertEquals(there.error, undefined);
    assertMatch(told(there), /Time to Live +64 +64 +~62/);
    assertMatch(told(there), /replied|reply/i);
    const back = await send(page, {
      host: "target",
      packet: echo("10.9.3.2", "10.9.1.1"),
    });
    assertMatch(told(back), /arrived host/);
    const forged = await send(page, {
      host: "host",
      packet: echo("10.9.77.7", "10.9.3.2"),
    });
    assertMatch(told(forged), /10\.9\.77\.7/);
    const nowhere = await send(page, {
      host: "router9",
      packet: echo("10.9.1.1", "10.9.3.2"),
    });
    assertEquals(
      nowhere.error,
      "the lab has no host router9, but host, router1, router2, target",
    );
    const broken = await send(page, {
      host: "host",
      packet: Uint8Array.of(0x45, 0),
    });
    assert(broken.error !== undefined && broken.events === undefined);
  },
);

await liveTest(
  "outside of labs nothing leaves but over loopback, whatever the page asks",
  ["lab"],
  async () => {
    await using page = await startPage("-I", "lo");
    const home = await send(page, { packet: echo("127.0.0.1", "127.0.0.2") });
    assertEquals(home.error, undefined);
    assertEquals(home.events?.at(-1)?.type, "summary");
    const home6 = await send(page, { packet: echo6("::1") });
    assertEquals([home6.error, told(home6)], [undefined, "sent packet 1"]);
    const routed = buildPacket(
      ipv4({
        source: "127.0.0.1",
        destination: "127.0.0.1",
        // A loose source route on to 192.0.2.1 (RFC 791 §3.1).
        options: Uint8Array.fromHex("830704c000020100"),
      }),
      icmpv4({ kind: "echoRequest" }),
    );
    for (
      const packet of [
        echo("127.0.0.1", "192.0.2.1"),
        echo("127.0.0.1", "255.255.255.255"),
        echo("127.0.0.1", "0.0.0.0"),
        routed,
      ]
    ) {
      for (const host of [undefined, "host", "lo"]) {
        const { error, events } = await send(page, { host, packet });
        assertMatch(error ?? "", /outside of labs the page sends to 127\./);
        assertEquals(events, undefined);
      }
    }
  },
);

await liveTest(
  "outside of labs IPv6 leaves over loopback only, and without detours",
  ["lab"],
  async () => {
    await using page = await startPage("-I", "lo");
    // On to another address (RFC 8754).
    const data = Uint8Array.fromHex("0000000020010db8000000000000000000000001");
    const routing = { routingType: 4, segmentsLeft: 1, data };
    for (
      const packet of [
        echo6("::"),
        echo6("fe80::1"),
        echo6("ff02::1"),
        echo6("2001:db8::1"),
        echo6("::ffff:192.0.2.1"),
        echo6("::1", [{ kind: "routing", ...routing }]),
        echo6("::1", [{ kind: "hopByHop" }]),
      ]
    ) {
      const { error, events } = await send(page, { packet });
      assertMatch(error ?? "", /outside of labs the page sends IPv6 to ::1 /);
      assertEquals(events, undefined);
    }
  },
);

await liveTest(
  "a frame goes onto a host's cable as it is; outside of labs, nowhere",
  ["lab"],
  async () => {
    const packet = buildPacket(
      ethernet({
        destination: "ff:ff:ff:ff:ff:ff",
        source: "02:00:00:00:42:53",
      }),
      arp({
        operation: 1,
        senderHardwareAddress: "02:00:00:00:42:53",
        senderProtocolAddress: "1.1.1.77",
        targetProtocolAddress: "1.1.1.1",
      }),
    );
    await using page = await startPage("lab", "pair");
    const frame = { host: "sender", packet, isFrame: true };
    assertEquals((await send(page, frame)).error, undefined);
    const [address, token] = page.url.split("#token=");
    const { body } = await fetch(`${address}events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    let told = "";
    for await (const text of body!.pipeThrough(new TextDecoderStream())) {
      told += text;
      if (told.includes(packet.toBase64())) break;
    }
    assert(told.includes(packet.toBase64()));

    await using loopback = await startPage("-I", "lo");
    const refused = await send(loopback, { packet, isFrame: true });
    assertEquals(refused.error, "frames are for labs, and this is none");
  },
);

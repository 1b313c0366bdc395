import { assertEquals, assertThrows } from "@std/assert";
import { forbiddenRange } from "../../lib/tools/public_guard.ts";
import { forgedPacket, RawSocket, sendForged, spoof } from "../../mod.ts";
import { liveTest } from "../live/live.ts";
import { pair } from "../live/socket_support.ts";

type Range = [first: string, last: string];

const HARMLESS: Range[] = [
  ["127.0.0.1", "127.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["169.254.0.1", "169.254.9.9"],
  ["192.0.2.1", "192.0.2.1"],
  ["198.51.100.1", "198.51.100.1"],
  ["203.0.113.7", "203.0.113.7"],
  ["::1", "::1"],
  ["fe80::1", "fe80::ff"],
  ["2001:db8::1", "2001:db8::1"],
];

const PUBLIC: Range[] = [
  ["1.1.1.1", "1.1.1.1"],
  ["9.9.9.9", "9.9.9.9"],
  ["172.15.255.255", "172.16.0.1"],
  ["172.31.255.255", "172.32.0.0"],
  ["126.255.255.255", "127.0.0.1"],
  ["224.0.0.1", "224.0.0.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["2001:db9::1", "2001:db9::1"],
];

// Which a lab would not forbid: the tests themselves run outside of one.
Deno.test("forbiddenRange() forbids public addresses, unless they are meant", () => {
  for (const range of HARMLESS) {
    assertEquals(forbiddenRange([range], {}), undefined);
  }
  for (const range of PUBLIC) {
    assertEquals(forbiddenRange([...HARMLESS, range], {}), range);
    assertEquals(forbiddenRange([range], { allowPublic: true }), undefined);
  }
});

await liveTest(
  "forbiddenRange() forbids nothing inside a lab, where it cannot get out",
  ["lab"],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    assertEquals(forbiddenRange(PUBLIC, { namespace }), undefined);
    assertEquals(forbiddenRange(PUBLIC, {}), PUBLIC[0]);
  },
);

/** Runs something while no raw socket can be opened, and counts the tries. */
async function withoutSockets(
  run: () => Promise<void> | void,
): Promise<number> {
  const { open } = RawSocket;
  let tries = 0;
  RawSocket.open = () => {
    tries++;
    throw new Error("a socket is opened");
  };
  try {
    await run();
  } finally {
    RawSocket.open = open;
  }
  return tries;
}

const packetTo = (destination: string) =>
  forgedPacket({ source: "192.0.2.1", destination });

Deno.test("sendForged() refuses public destinations before any socket is opened", async () => {
  const tries = await withoutSockets(() => {
    for (
      const destination of ["1.1.1.1", "9.9.9.9", "126.0.0.1", "172.32.0.0"]
    ) {
      const packets = [packetTo("127.0.0.1"), packetTo(destination)];
      assertThrows(
        () => sendForged(packets),
        RangeError,
        `${destination} is public, and forged packets go to loopback`,
      );
    }
  });
  assertEquals(tries, 0);
});

Deno.test("sendForged() refuses what is no packet before any socket is opened", async () => {
  const tries = await withoutSockets(() => {
    for (const length of [0, 1, 19]) {
      const packets = [packetTo("127.0.0.1"), new Uint8Array(length)];
      assertThrows(() => sendForged(packets), RangeError, "no IPv4 packet");
    }
  });
  assertEquals(tries, 0);
});

Deno.test("spoof() refuses public destinations and bad counts before any socket is opened", async () => {
  const BAD: [destination: string, count: number, said: string][] = [
    ["9.9.9.9", 1, "9.9.9.9 is public"],
    ["127.0.0.1", 0, "count"],
    ["127.0.0.1", 1.5, "count"],
  ];
  const tries = await withoutSockets(async () => {
    for (const [destination, count, said] of BAD) {
      for (const option of [{}, { diff: true }, { why: true }]) {
        const events = spoof(packetTo(destination), { count, ...option });
        const error = await events.next().catch((error) => error);
        assertEquals(error instanceof RangeError, true);
        assertEquals(error.message.includes(said), true, error.message);
      }
    }
  });
  assertEquals(tries, 0);
});

import { assertEquals } from "@std/assert";
import { forbiddenRange } from "../../lib/socket/public_guard.ts";
import { liveTest } from "../live/live.ts";
import { pair } from "../live/socket/socket_support.ts";

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

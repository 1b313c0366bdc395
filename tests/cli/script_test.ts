import { assertEquals } from "@std/assert";
import { inFlags } from "../../lib/cli/exit.ts";

Deno.test("inFlags() says flags for what the library calls its options", () => {
  const flags = { packetSize: "--packet-size", mtu: "--mtu" };
  const cases: [message: string, said: string][] = [
    ["packetSize must be 32 or more", "--packet-size must be 32 or more"],
    // Single words are the language's, not the library's.
    ["longer than the mtu", "longer than the mtu"],
    ["trafficClass must be 0", "trafficClass must be 0"],
    ["toString is none of them", "toString is none of them"],
  ];
  for (const [message, said] of cases) {
    assertEquals(inFlags(message, flags), said);
  }
});

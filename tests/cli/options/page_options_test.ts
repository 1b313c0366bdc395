/** What the page is asked to show. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  labCall,
  type PageSource,
  pageSource,
} from "../../../lib/cli/options/page_options.ts";

Deno.test("arguments name a lab, a device, or a file", () => {
  const lab = (name: string, ...size: string[]): PageSource => ({
    kind: "lab",
    name,
    size,
  });
  assertEquals(pageSource([], undefined), lab("pair"));
  assertEquals(pageSource(["lab"], undefined), lab("pair"));
  assertEquals(pageSource(["lab", "chain", "3"], undefined), lab("chain", "3"));
  assertEquals(pageSource([], "lo"), { kind: "device", device: "lo" });
  assertEquals(pageSource(["x.pcap"], undefined), {
    kind: "file",
    path: "x.pcap",
  });
  assertThrows(() => pageSource(["x.pcap", "y.pcap"], undefined));
  assertThrows(() => pageSource(["lab", "pair"], "lo"));
});

Deno.test("a lab is called as lessons call it", () => {
  const CALLS: [args: string[], call: string][] = [
    [["--agent=4253"], "pair"],
    [["--agent", "4253", "lab"], "pair"],
    [["--agent", "4253", "lab", "pair"], "pair"],
    [["--agent", "4253", "lab", "chain", "3"], "chain 3"],
    [["lab", "chain", "1", "--mtu", "2=1300"], "chain 1 --mtu 2=1300"],
    [["lab", "chain", "1", "--mtu=2=1300"], "chain 1 --mtu 2=1300"],
    [["--lesson", "our own.json", "lab", "lan"], "lan"],
    [["lab", "lan", "--lesson=a.json", "--lesson", "b.json"], "lan"],
    [["--lesson=a.json", "--agent", "4253"], "pair"],
  ];
  for (const [args, call] of CALLS) assertEquals(labCall(args), call);
});

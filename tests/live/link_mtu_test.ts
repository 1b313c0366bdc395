import { assertEquals, assertThrows } from "@std/assert";
import { chain } from "../../lib/lab/chain.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { linkMTU } from "../../lib/socket/link_mtu.ts";
import { SocketError } from "../../mod.ts";
import { inHost } from "./hosts.ts";
import { liveTest } from "./live.ts";

await liveTest(
  "the kernel tells the first link's MTU, and sends nothing",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(2, { mtu: { 1: 1400, 2: 1300 } }));
    const namespace = lab.namespace("host");
    const sent = async () => {
      const link = await inHost(
        lab,
        "host",
        "ip",
        "-s",
        "link",
        "show",
        "eth0",
      );
      return /TX:.*\n *\d+ +(\d+)/.exec(link)?.[1];
    };
    const before = await sent();
    assertEquals(linkMTU("10.9.3.2", 4, { namespace }), 1400);
    assertEquals(linkMTU("2001:db8:9:3::2", 6, { namespace }), 1400);
    assertEquals(linkMTU("10.9.3.2", 4, { namespace, device: "eth0" }), 1400);
    assertEquals(linkMTU("127.0.0.1", 4, { namespace }), 65_535);
    assertEquals(await sent(), before);
    const nowhere = { namespace: lab.namespace("target"), device: "lo" };
    assertThrows(() => linkMTU("2001:db8:77::1", 6, nowhere), SocketError);
  },
);

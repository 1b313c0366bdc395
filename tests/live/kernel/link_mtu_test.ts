import { assertEquals, assertThrows } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { linkMTU } from "../../../lib/socket/kernel/link_mtu.ts";
import { PacketSocket, SocketError } from "../../../mod.ts";
import { liveTest } from "../live.ts";

const ETHER_TYPE_IPV4 = 0x0800;

await liveTest(
  "the kernel tells the first link's MTU, and sends nothing",
  ["lab"],
  async () => {
    await using lab = await Lab.up(chain(2, { mtu: { 1: 1400, 2: 1300 } }));
    const namespace = lab.namespace("host");
    using sniffer = PacketSocket.open({
      namespace: lab.namespace("router1"),
      device: "eth0",
    });
    assertEquals(linkMTU("10.9.3.2", 4, { namespace }), 1400);
    assertEquals(linkMTU("2001:db8:9:3::2", 6, { namespace }), 1400);
    assertEquals(linkMTU("10.9.3.2", 4, { namespace, device: "eth0" }), 1400);
    assertEquals(linkMTU("127.0.0.1", 4, { namespace }), 65_535);
    // But for the short packets by which IPv6 hosts make themselves known.
    const sent = sniffer.receiveNow()
      .filter(({ protocol, bytes }) =>
        protocol === ETHER_TYPE_IPV4 || bytes.length > 200
      );
    assertEquals(sent, []);
    const nowhere = { namespace: lab.namespace("target"), device: "lo" };
    assertThrows(() => linkMTU("2001:db8:77::1", 6, nowhere), SocketError);
  },
);

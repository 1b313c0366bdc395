/** writeCapture(), as other programs read its files. */

import { assertEquals, assertRejects } from "@std/assert";
import {
  buildPacket,
  ethernet,
  ipv4,
  LINK_TYPE_ETHERNET,
  RawSocket,
  udp,
  writeCapture,
} from "../../../mod.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, run } from "../live.ts";

const PACKET = buildPacket(
  ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
  udp({ destinationPort: 7 }),
);
const FRAME = buildPacket(
  ethernet({
    source: "02:00:00:00:00:01",
    destination: "02:00:00:00:00:02",
    typeOrLength: 0x0800,
  }),
  PACKET,
);

async function shown(path: string): Promise<string[]> {
  const fields = ["frame.time_epoch", "ip.dst", "frame.len"];
  const { stdout } = await run([
    ...["tshark", "-r", path, "-T", "fields"],
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  return stdout.trimEnd().split("\n");
}

await liveTest("writeCapture() writes what tshark reads, received or made", [
  "lab",
  "tshark",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  using receiver = RawSocket.open({
    protocol: 253,
    namespace: lab.namespace("receiver"),
  });
  using sender = RawSocket.open({
    protocol: 253,
    namespace: lab.namespace("sender"),
  });
  sender.send("Hello", "1.1.1.1");
  const datagram = await receiver.receive({ timeoutMs: 30_000 });
  assertEquals(new TextDecoder().decode(datagram.payload), "Hello");
  const dir = await Deno.makeTempDir();
  try {
    const seconds = `${datagram.timestampNs / 1_000_000_000n}`;
    for (const name of ["seen.pcap", "seen.pcapng"]) {
      const path = `${dir}/${name}`;
      assertEquals(await writeCapture(path, [datagram, PACKET]), 2);
      const [one, two] = await shown(path);
      assertEquals(one.split("\t").slice(1), ["1.1.1.1", "25"]);
      assertEquals(one.split(".")[0], seconds);
      assertEquals(two.split("\t").slice(1), ["192.0.2.2", "28"]);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    }
    const frame = {
      bytes: FRAME,
      timestampNs: 1n,
      linkType: LINK_TYPE_ETHERNET,
    };
    const mixed = async function* () {
      yield PACKET;
      yield await Promise.resolve(frame);
    };
    await writeCapture(`${dir}/mixed.pcapng`, mixed());
    const lengths = (await shown(`${dir}/mixed.pcapng`)).map((line) =>
      line.split("\t")[2]
    );
    assertEquals(lengths, ["28", "42"]);
    await assertRejects(
      () => writeCapture(`${dir}/mixed.pcap`, mixed()),
      RangeError,
      "a pcap file has packets of one link type, 101 here, but this one's is 1",
    );
    // What was before is there, whole.
    assertEquals((await shown(`${dir}/mixed.pcap`)).length, 1);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

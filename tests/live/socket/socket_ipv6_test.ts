import { assert, assertEquals } from "@std/assert";
import { liveTest } from "../live.ts";
import {
  inside,
  interfaceIndex,
  octets,
  openIn,
  pair,
  RECEIVER6,
  SENDER6,
  SOON,
} from "./socket_support.ts";

await liveTest(
  "RawSocket of family 6 gives the payload alone, and the source",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", { family: 6, ttl: 3 });
    using receiver = openIn(lab, "receiver", { family: 6 });
    assertEquals([sender.family, receiver.family], [6, 6]);
    const before = Date.now();
    sender.send(octets("one"), RECEIVER6);
    await sender.sendMany(
      ["two", "three"].map((text) => ({
        bytes: octets(text),
        destination: RECEIVER6,
      })),
    );
    for (const text of ["one", "two", "three"]) {
      const datagram = await receiver.receive(SOON);
      assertEquals(new TextDecoder().decode(datagram.bytes), text);
      assertEquals(datagram.source, SENDER6);
      const ms = Number(datagram.timestampNs / 1_000_000n);
      assert(ms >= before - 20 && ms <= Date.now() + 20);
    }
  },
);

await liveTest(
  "RawSocket takes a link-local address with its zone, by name or index, and gives the name",
  ["lab"],
  async () => {
    await using lab = await pair();
    const sent = ["sender", "receiver"].map((host, i) =>
      inside(lab, host, `ip address add fe80::${i + 1}/64 dev eth0 nodad`)
    );
    await Promise.all(sent);
    const from = await interfaceIndex(lab, "sender", "eth0");
    // The name means the interface of the host, whatever has it elsewhere.
    for (const zone of ["eth0", `${from}`]) {
      using sender = openIn(lab, "sender", {
        family: 6,
        bindAddress: `fe80::1%${zone}`,
      });
      using receiver = openIn(lab, "receiver", { family: 6 });
      sender.send(octets("near"), `fe80::2%${zone}`);
      const { source } = await receiver.receive(SOON);
      assertEquals(source, "fe80::1%eth0");
      receiver.send(octets("back"), source);
      const back = await sender.receive(SOON);
      assertEquals(back.source, "fe80::2%eth0");
    }
  },
);

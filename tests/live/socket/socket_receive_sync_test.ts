import { assertEquals } from "@std/assert";
import { liveTest } from "../live.ts";
import {
  inside,
  nextTexts,
  openIn,
  pair,
  payloadText,
  RECEIVER,
  sendNumbers,
  SOON,
} from "./socket_support.ts";

await liveTest(
  "RawSocket.receiveSync() waits for a packet, and leaves later ones to others",
  ["lab", "tc"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    sendNumbers(sender, 0, 3);
    assertEquals(payloadText(receiver.receiveSync()), "0");
    assertEquals(payloadText(receiver.receiveSync(SOON)), "1");
    assertEquals(await nextTexts(receiver, 1), ["2"]);
    // Slow enough that the last one comes only after the call has begun.
    await inside(
      lab,
      "sender",
      "tc qdisc add dev eth0 root tbf rate 200kbit burst 1600 limit 100000",
    );
    for (const options of [{}, SOON]) {
      for (let i = 0; i < 4; i++) {
        sender.send(new Uint8Array(1000), RECEIVER);
      }
      for (let i = 0; i < 4; i++) {
        assertEquals(receiver.receiveSync(options).bytes.length, 1020);
      }
    }
  },
);

await liveTest(
  "RawSocket.receiveSync() comes after those who wait already",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const waiting = [receiver.receive(SOON), receiver.receive(SOON)];
    sendNumbers(sender, 0, 4);
    assertEquals(payloadText(receiver.receiveSync(SOON)), "2");
    assertEquals((await Promise.all(waiting)).map(payloadText), ["0", "1"]);
    assertEquals(await nextTexts(receiver, 1), ["3"]);
  },
);

/** Errors that somebody made up, and what `send` and `--why` make of them. */

import { assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { lan } from "../../../lib/lab/topology/lan.ts";
import { encodeIPv4, type IPv4Fields } from "../../../lib/wire/ipv4/ipv4.ts";
import { RawSocket, ReplyWatch, sendMessages } from "../../../mod.ts";
import { icmpError } from "../../tools/icmp_errors.ts";
import { liveTest, script } from "../live.ts";
import { octets, SOON } from "../socket/socket_support.ts";
import { lines, Process } from "./pair_process.ts";

const USER = "10.9.0.5";
const VICTIM = "10.9.0.6";
const HI = octets("Hi");
const PACKET = { source: USER, destination: VICTIM, protocol: 253 };

/** The attacker, who sends errors in the victim's name to the user. */
class Attacker implements Disposable {
  readonly #sending: RawSocket;
  readonly #arriving: RawSocket;

  constructor(lab: Lab) {
    this.#sending = RawSocket.open({
      protocol: 255,
      headerIncluded: true,
      namespace: lab.namespace("attacker"),
    });
    this.#arriving = RawSocket.open({
      protocol: 1,
      namespace: lab.namespace("user"),
    });
  }

  /** Sends "nobody receives that here", and waits until the user has it. */
  async complain(
    quoted: Partial<IPv4Fields> = {},
    payload = HI,
  ): Promise<void> {
    const quote = encodeIPv4({ ...PACKET, ...quoted }, payload);
    const header = { source: VICTIM, destination: USER, protocol: 1 };
    this.#sending.send(encodeIPv4(header, icmpError({ quote })), USER);
    await this.#arriving.receive(SOON);
  }

  /** All that it can think of without having seen the message. */
  async guess(): Promise<void> {
    await this.complain({ source: "10.9.0.1", identification: 7 });
    await this.complain({ source: "10.9.0.7" }, octets("somewhat"));
    await this.complain({}, octets("Hello"));
    await this.complain({}, octets("hi"));
    await this.complain({}, new Uint8Array());
    await this.complain({ protocol: 17 });
  }

  [Symbol.dispose](): void {
    this.#sending.close();
    this.#arriving.close();
  }
}

await liveTest(
  "send believes an error that quotes what it sent, and none that is made up",
  ["lab"],
  async () => {
    await using lab = await Lab.up(lan);
    using attacker = new Attacker(lab);
    const receive = script("receive", "-b", VICTIM);
    await using receiving = new Process(lab.inside("victim", receive));
    await receiving.until("Socket Info");
    const send = lab.inside("user", script("send", VICTIM));
    for (const refused of [0, 1]) {
      await using sending = new Process(send);
      await sending.until("Socket Info");
      // Even the right one, before there is anything to be about.
      await attacker.complain();
      await attacker.guess();
      await sending.type("Hi\n");
      await receiving.until("\nHi\n", refused + 1);
      await sending.until("Sent 2 octets");
      await attacker.guess();
      if (refused > 0) {
        await attacker.complain();
        await sending.until("Nobody is listening");
      }
      await sending.endInput();
      const { code, stdout, stderr } = await sending.end();
      const summary = `--- 1 sent, 2 octets, ${refused} refused`;
      assertEquals(lines(stdout).at(-1), summary, stdout);
      assertEquals([code, stderr], [refused, ""]);
    }
  },
);

await liveTest(
  "--why believes an error that quotes the packet, and none that is made up",
  ["lab"],
  async () => {
    await using lab = await Lab.up(lan);
    using attacker = new Attacker(lab);
    using receiver = RawSocket.open({
      protocol: 253,
      namespace: lab.namespace("victim"),
    });
    const namespace = lab.namespace("user");
    using sender = RawSocket.open({ protocol: 253, namespace });
    using watch = ReplyWatch.open(VICTIM, { namespace });
    const given = { header: PACKET, payload: HI, headerIncluded: false };
    const causes = [];
    for (const isRight of [false, true]) {
      await attacker.guess();
      sender.send(HI, VICTIM);
      await receiver.receive(SOON);
      await attacker.guess();
      if (isRight) await attacker.complain();
      const { cause } = await watch.explain(given);
      causes.push(cause);
    }
    assertEquals(causes, ["silent", "protocolUnreachable"]);
  },
);

await liveTest(
  "send --why says of a delivered message that it was, whatever was said before",
  ["lab"],
  async () => {
    await using lab = await Lab.up(lan);
    using attacker = new Attacker(lab);
    using receiver = RawSocket.open({
      protocol: 253,
      namespace: lab.namespace("victim"),
    });
    const events = sendMessages({
      protocol: 253,
      destination: VICTIM,
      namespace: lab.namespace("user"),
      why: true,
      payloads: (async function* () {
        // It listens by now, and has sent nothing yet.
        await attacker.complain();
        yield HI;
      })(),
    });
    for await (const event of events) {
      if (event.type === "sent") await receiver.receive(SOON);
      if (event.type === "explained") {
        assertMatch(event.verdict.text, /^It arrived at victim, and nothing/);
      }
      if (event.type === "summary") assertEquals(event.refused, 0);
    }
  },
);

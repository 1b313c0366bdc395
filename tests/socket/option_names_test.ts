/** Misspelt options of sockets: refused before anything is opened. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  PacketReceiver,
  PacketSocket,
  PingSocket,
  RawSocket,
} from "../../mod.ts";

/** As who runs without the compiler gives them, and what is said of it. */
const MISSPELT: readonly [open: () => unknown, said: string][] = [
  [
    () => RawSocket.open({ protocol: 253, headerInclude: true } as never),
    'RawSocket.open: "headerInclude" is unknown; did you mean ' +
    '"headerIncluded"?',
  ],
  [
    () => RawSocket.open({ protocl: 253 } as never),
    'RawSocket.open: "protocl" is unknown; did you mean "protocol"?',
  ],
  [
    () => PingSocket.open({ famly: 6 } as never),
    'PingSocket.open: "famly" is unknown; did you mean "family"?',
  ],
  [
    () => PacketSocket.open({ interfce: "lo" } as never),
    'PacketSocket.open: "interfce" is unknown; known are device, cooked, ' +
    "promiscuous, protocol, filter, namespace, receiveBufferBytes, " +
    "snapLength, allowPublic",
  ],
  [
    () => PacketReceiver.open({ promiscous: true } as never),
    'PacketReceiver.open: "promiscous" is unknown; did you mean ' +
    '"promiscuous"?',
  ],
];

Deno.test("sockets refuse a misspelt option, and suggest the near one", () => {
  for (const [open, said] of MISSPELT) {
    assertEquals(assertThrows(open, TypeError).message, said);
  }
});

Deno.test("RawSocket.open() asks for the protocol that was left out", () => {
  assertThrows(
    () => RawSocket.open({} as never),
    RangeError,
    "protocol must be a whole number from 0 to 255, but is undefined",
  );
});

import { assertEquals, assertThrows } from "@std/assert";
import {
  DestinationUnreachable,
  type Family,
  ICMPError,
  ICMPReply,
  Raw4Error,
  TimeExceeded,
} from "../../../mod.ts";

function reply(family: Family, type: number, code = 0): ICMPReply {
  return new ICMPReply({
    source: family === 4 ? "192.0.2.1" : "2001:db8::1",
    destination: undefined,
    family,
    id: 1,
    sequence: 2,
    type,
    code,
    bytesReceived: 64,
    time: 1.5,
    ttl: 64,
    payload: new Uint8Array(),
    options: new Uint8Array(),
    packet: new Uint8Array(),
    quoted: new Uint8Array(),
    nextHopMTU: 0,
    roundTripMs: 1,
    isDuplicate: false,
    isLate: false,
  });
}

Deno.test("ICMPReply.raiseForStatus() does nothing for an echo reply", () => {
  for (const one of [reply(4, 0), reply(6, 129)]) {
    assertEquals(one.raiseForStatus(), undefined);
    assertEquals(one.isEchoReply, true);
  }
});

Deno.test("ICMPReply.raiseForStatus() throws what fits the message", () => {
  const table: [Family, type: number, code: number, typeof ICMPError][] = [
    [4, 3, 0, DestinationUnreachable],
    [4, 3, 4, DestinationUnreachable],
    [4, 3, 15, DestinationUnreachable],
    [4, 3, 255, DestinationUnreachable],
    [4, 11, 0, TimeExceeded],
    [4, 11, 1, TimeExceeded],
    [4, 8, 0, ICMPError],
    [4, 12, 0, ICMPError],
    [4, 129, 0, ICMPError],
    [4, 255, 255, ICMPError],
    [6, 1, 0, DestinationUnreachable],
    [6, 1, 4, DestinationUnreachable],
    [6, 3, 0, TimeExceeded],
    [6, 2, 0, ICMPError],
    [6, 4, 0, ICMPError],
    // What is an echo reply of the other family, is none of this one.
    [6, 0, 0, ICMPError],
    [6, 11, 0, ICMPError],
  ];
  for (const [family, type, code, expected] of table) {
    const one = reply(family, type, code);
    const error = assertThrows(() => one.raiseForStatus(), ICMPError);
    const where = `ICMPv${family} ${type}/${code}`;
    assertEquals(error.constructor, expected, where);
    assertEquals(error instanceof Raw4Error, true, where);
    assertEquals(error.name, expected.name, where);
    assertEquals(error.reply, one, where);
    assertEquals(
      error.message,
      `${one.source} answers: ${one.description}`,
      where,
    );
    assertEquals([one.isEchoReply, one.isAdvice], [false, false], where);
  }
});

Deno.test("ICMPReply.isAdvice: a redirect and source quench are no errors", () => {
  for (const type of [4, 5]) {
    const one = reply(4, type, 0);
    assertEquals([one.isEchoReply, one.isAdvice], [false, true]);
    assertEquals(one.raiseForStatus(), undefined);
  }
  assertEquals(reply(6, 4, 0).isAdvice, false);
});

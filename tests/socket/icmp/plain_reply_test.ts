import { assert, assertEquals } from "@std/assert";
import {
  type Expected,
  mismatch,
  readMessage,
} from "../../../lib/socket/icmp/icmp_message.ts";
import { isPlainReply } from "../../../lib/socket/icmp/plain_reply.ts";
import { Datagram } from "../../../lib/socket/datagram.ts";
import { addressOctets } from "../../../lib/wire/address.ts";
import { formatIPv6 } from "../../../mod.ts";
import { reply, type Request } from "../../live/responder.ts";
import { randomBytes, seededRandom } from "../../random.ts";

const random = seededRandom(0x91a1);
const IPV6_HEADER = 40;
/** Where the IP headers have it. */
const SOURCE = { 4: 12, 6: 8 } as const;

function requestOf(family: 4 | 6, size: number): Request {
  const [source, destination] = family === 4
    ? ["192.0.2.100", "192.0.2.1"]
    : ["2001:db8::100", "2001:db8::1"];
  const payload = randomBytes(random, size);
  return { family, source, destination, id: 0x1234, sequence: 7, payload };
}

/** What both say of a packet, from its IP header on. */
function judge(packet: Uint8Array, request: Request) {
  const { family } = request;
  const expected: Expected = { ...request, isBroadcast: false };
  // An IPv6 raw socket gives a packet without its header, and who sent it.
  const start = family === 4 ? (packet[0] & 0xf) * 4 : IPV6_HEADER;
  const bytes = new Uint8Array(IPV6_HEADER + 256).fill(0xa5);
  bytes.set(packet);
  const plain = isPlainReply(
    {
      bytes,
      words: new Int32Array(bytes.buffer),
      start,
      end: packet.length,
      source: SOURCE[family],
      ttl: 64,
      seconds: 0,
      nanoseconds: 0,
    },
    expected,
    addressOctets(request.destination, family),
  );
  const message = readMessage(
    new Datagram(packet.slice(family === 4 ? 0 : IPV6_HEADER), {
      source: family === 4 ? 0 : formatIPv6(packet, SOURCE[6]),
      destination: undefined,
      seconds: 0,
      nanoseconds: 0,
      truncated: false,
      interfaceIndex: 0,
      hopLimit: 64,
      error: undefined,
    }),
    family,
    true,
  );
  const answers = message !== undefined &&
    mismatch(message, expected) === undefined;
  return { plain, answers };
}

for (const family of [4, 6] as const) {
  Deno.test(`a reply is plain if it is the one expected, IPv${family}`, () => {
    for (const size of [0, 4, 56, 200]) {
      const request = requestOf(family, size);
      const { packet } = reply(request);
      assertEquals(judge(packet, request), { plain: true, answers: true });
    }
    const options = Uint8Array.of(7, 15, 4, ...new Uint8Array(12), 0);
    const request = requestOf(family, 56);
    if (family === 6) return;
    const { packet } = reply(request, { options });
    assertEquals(judge(packet, request), { plain: true, answers: true });
  });

  Deno.test(`no other packet is plain, IPv${family}`, () => {
    const request = requestOf(family, 56);
    const { packet } = reply(request);
    let different = 0;
    // What stands before the source's address, the kernel has looked at.
    for (let at = SOURCE[family]; at < packet.length; at++) {
      for (const bits of [1, 0x80, 0xff]) {
        const altered = packet.slice();
        altered[at] ^= bits;
        const { plain, answers } = judge(altered, request);
        assert(!plain || answers, `octet ${at} ^ ${bits}`);
        if (!plain) different++;
      }
    }
    // Of the source's address, and all of ICMP but the code, and of ICMPv6 the
    // checksum, which the kernel has looked at.
    const octets = family === 4 ? 4 + 64 : 16 + 64 - 3;
    assert(different >= 3 * octets, `${different}`);
    const others = [
      reply(request, { payload: request.payload.subarray(4) }),
      reply(request, { payload: request.payload.subarray(1) }),
      reply(request, { sequence: 8 }),
      reply(request, { id: 1 }),
    ];
    for (const { packet } of others) {
      assertEquals(judge(packet, request), { plain: false, answers: false });
    }
  });
}

/**
 * Packets in fragments, before they are sent.
 *
 * @module
 */

import { PacketError } from "../wire/errors.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import { dissect, type DissectedLayer } from "../wire/packet/dissect.ts";
import { fragmentIPv4, fragmentIPv6 } from "../wire/packet/fragment.ts";

/** A packet, and what it begins with. */
export interface FragmentablePacket {
  /** The octets. */
  readonly bytes: Uint8Array;
  /** As capture files number it; default an IP header. */
  readonly linkType?: number;
}

/** What every link carries whole, in octets (RFC 791 §3.2, RFC 8200 §5). */
const LEAST_MTU = { ipv4: ["IPv4", 68], ipv6: ["IPv6", 1280] } as const;

/**
 * A packet's fragments, each behind the link header that it had. One that fits
 * is left as it is. IPv6 fragments get an identification at random.
 *
 * @param mtu octets of the longest, from its IP header on; default any
 * @param isSent whether Linux shall send them, which chooses an identification
 * in place of 0 (raw(7)), and another one for each
 * @throws {RangeError} saying why it cannot be fragmented
 */
export function fragmentsOf(
  { bytes, linkType = LINK_TYPE_RAW }: FragmentablePacket,
  mtu: number | undefined,
  isSent = false,
): Uint8Array[] {
  if (mtu === undefined) return [bytes];
  const ip = dissect(bytes, { linkType }).layers.find(isIP);
  if (ip === undefined) throw cannot("it is no IP packet");
  const [name, least] = LEAST_MTU[ip.protocol];
  if (mtu < least) {
    throw cannot(`${name} wants an MTU of ${least} or more, and it is ${mtu}`);
  }
  const packet = bytes.subarray(ip.offset);
  const fragments = inWords(() =>
    ip.protocol === "ipv4"
      ? fragmentIPv4(packet, mtu)
      : fragmentIPv6(packet, mtu, crypto.getRandomValues(new Uint32Array(1))[0])
  );
  if (fragments.length === 1) return [bytes];
  if (isSent && ip.protocol === "ipv4" && ip.header.identification === 0) {
    throw cannot(
      "its identification is 0, for which the kernel chooses one in each " +
        "fragment anew: give it another",
    );
  }
  const link = bytes.subarray(0, ip.offset);
  return fragments.map((fragment) => new Uint8Array([...link, ...fragment]));
}

/** Says why it cannot, for people. */
function inWords<T>(fragment: () => T): T {
  try {
    return fragment();
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    const { field, reason } = error;
    const what = field === "dontFragment" ? "flag Don't Fragment" : field;
    throw cannot(`its ${what} ${reason}`);
  }
}

type IPLayer = Extract<DissectedLayer, { protocol: "ipv4" | "ipv6" }>;

function isIP(layer: DissectedLayer): layer is IPLayer {
  return layer.protocol === "ipv4" || layer.protocol === "ipv6";
}

function cannot(why: string): RangeError {
  return new RangeError(`a packet cannot be fragmented: ${why}`);
}

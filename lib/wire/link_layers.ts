/**
 * The layers outside IP for {@linkcode buildPacket}, and ARP.
 *
 * @module
 */

import { type ARPFields, encodeARP } from "./arp.ts";
import type { PacketLayer } from "./build.ts";
import { ETHER_TYPE } from "./ether_types.ts";
import { encodeEthernet, type EthernetFields } from "./ethernet.ts";
import { spaceBefore } from "./octets.ts";

/**
 * An Ethernet header for {@linkcode buildPacket} (IEEE 802.3). Its EtherType
 * follows from the next layer. The frame is not padded.
 *
 * @example
 * ```ts
 * import { arp, buildPacket, ethernet } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const frame = buildPacket(
 *   ethernet({ source: "02:00:00:00:00:01" }),
 *   arp({
 *     operation: 1,
 *     senderHardwareAddress: "02:00:00:00:00:01",
 *     senderProtocolAddress: "192.0.2.1",
 *     targetProtocolAddress: "192.0.2.2",
 *   }),
 * );
 * assertEquals(frame.length, 14 + 28);
 * assertEquals(frame.subarray(12, 14).toHex(), "0806");
 * ```
 */
export function ethernet(fields: EthernetFields): PacketLayer {
  return {
    protocol: "ethernet",
    etherType: ETHER_TYPE.TRANSPARENT_ETHERNET,
    encode(payload, inner) {
      const { typeOrLength, llc } = fields;
      if (typeOrLength !== undefined || llc !== undefined) {
        return encodeEthernet(fields, payload);
      }
      const etherType = etherTypeOf(inner, "Ethernet typeOrLength", "ethernet");
      return encodeEthernet({ ...fields, typeOrLength: etherType }, payload);
    },
  };
}

/**
 * An ARP message for {@linkcode buildPacket} (RFC 826). Next layers follow it
 * as they are, such as padding.
 *
 * @example
 * ```ts
 * import { arp, buildPacket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const probe = buildPacket(arp({
 *   operation: 1,
 *   senderProtocolAddress: "0.0.0.0",
 *   targetProtocolAddress: "192.0.2.2",
 * }));
 * assertEquals(probe.length, 28);
 * ```
 */
export function arp(fields: ARPFields): PacketLayer {
  return {
    protocol: "arp",
    etherType: ETHER_TYPE.ARP,
    encode(payload) {
      const message = encodeARP(fields);
      const bytes = spaceBefore(payload, message.length);
      bytes.set(message);
      return bytes;
    },
  };
}

/** What a header that names an EtherType announces; throws where nothing tells. */
export function etherTypeOf(
  inner: PacketLayer | undefined,
  name: string,
  layer: string,
): number {
  if (inner?.etherType !== undefined) return inner.etherType;
  const field = name.split(" ").at(-1);
  throw new TypeError(
    `${name} cannot be computed: the next layer has no EtherType, so give ` +
      `${layer}({ ${field}: … })`,
  );
}

/**
 * The headers that captures have in a link layer's place, as layers of a packet
 * to be built.
 *
 * @module
 */

import type { PacketLayer } from "./build.ts";
import { etherTypeOf } from "./link_layers.ts";
import {
  encodeLinuxSLL,
  encodeLinuxSLL2,
  type LinuxSLL2Header,
  type LinuxSLLHeader,
} from "./linux_cooked.ts";
import { encodeLoopback, type LoopbackHeader } from "./loopback.ts";

type WithoutProtocol<Header extends LinuxSLLHeader> =
  & Omit<Header, "protocol">
  & Partial<Pick<Header, "protocol">>;

/** The fields of a header; `protocol` follows from the next layer. */
export type SLLLayerFields = WithoutProtocol<LinuxSLLHeader>;

/** The same for version 2. */
export type SLL2LayerFields = WithoutProtocol<LinuxSLL2Header>;

/** The header of a Linux "cooked" capture, version 1. */
export function sll(fields: SLLLayerFields): PacketLayer {
  return {
    protocol: "sll",
    encode(payload, inner) {
      const protocol = fields.protocol ??
        etherTypeOf(inner, "cooked protocol", "sll");
      return encodeLinuxSLL({ ...fields, protocol }, payload);
    },
  };
}

/** The header of a Linux "cooked" capture, version 2. */
export function sll2(fields: SLL2LayerFields): PacketLayer {
  return {
    protocol: "sll2",
    encode(payload, inner) {
      const protocol = fields.protocol ??
        etherTypeOf(inner, "cooked protocol", "sll2");
      return encodeLinuxSLL2({ ...fields, protocol }, payload);
    },
  };
}

/** What loopback interfaces of BSD, macOS or Windows put before a packet. */
export function loopback(fields: LoopbackHeader): PacketLayer {
  return {
    protocol: "loopback",
    encode: (payload) => encodeLoopback(fields, payload),
  };
}

/**
 * Which fields the layers of a described packet may have, and of which type:
 * what the compiler knows of the `…Fields` of each protocol, and holds this
 * table to, as data.
 *
 * @module
 */

import type { ARPFields } from "./arp.ts";
import type { IPv4LayerFields, IPv6LayerFields } from "./build.ts";
import type { EthernetFields } from "./ethernet.ts";
import type { ICMPv4Fields } from "./icmpv4_messages.ts";
import type { ICMPv6Fields } from "./icmpv6_messages.ts";
import type { IPv6ExtensionFields } from "./ipv6_extensions.ts";
import type { SLL2LayerFields, SLLLayerFields } from "./capture_layers.ts";
import type { LoopbackHeader } from "./loopback.ts";
import type { BuiltProtocol } from "./protocol.ts";
import type { TCPFields } from "./tcp.ts";
import type { GRELayerFields, IGMPLayerFields } from "./transport_layers.ts";
import type { UDPFields } from "./udp.ts";

/** A type of values; octets are hexadecimal text. */
export type ValueType = "number" | "flag" | "text" | "octets";

/** What a field may hold; `!` behind a type: it must be given. */
export type FieldShape =
  | ValueType
  | `${ValueType}!`
  | { readonly list: ValueType | ObjectShape; readonly needed?: true }
  | ObjectShape;

/** The fields of an object. */
export interface FieldsShape {
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** The fields of an object of each kind. */
export interface KindsShape {
  readonly kinds: Readonly<Record<string, FieldsShape["fields"]>>;
  /** The kind of an object that names none; absent where it must be named. */
  readonly usual?: string;
}

export type ObjectShape = FieldsShape | KindsShape;

type TypeOf<T> = T extends number ? "number"
  : T extends boolean ? "flag"
  : T extends string ? "text"
  : "octets";

type ShapeOf<T, IsNeeded> = [T] extends [number | boolean | string | Uint8Array]
  ? IsNeeded extends true ? `${TypeOf<T>}!` : TypeOf<T>
  : T extends readonly (infer Element)[]
    ? IsNeeded extends true ? { list: ShapeOf<Element, false>; needed: true }
    : { list: ShapeOf<Element, false> }
  : ShapeOfObject<T>;

type ShapeOfFields<T> = {
  [Name in keyof T]-?: ShapeOf<
    Exclude<T[Name], undefined>,
    T extends Record<Name, T[Name]> ? true : false
  >;
};

type OfKind<T, Kind> = T extends { kind?: infer Kinds }
  ? Kind extends Kinds ? T : never
  : never;

/** The kind that need not be named. */
type Unnamed<T> = T extends { kind: string } ? never
  : T extends { kind?: infer Kind } ? Kind
  : never;

type ShapeOfObject<T> = "kind" extends keyof T ?
    & {
      kinds: {
        [Kind in T["kind"] & string]: ShapeOfFields<
          Omit<OfKind<T, Kind>, "kind">
        >;
      };
    }
    & ([Unnamed<T>] extends [never] ? unknown : { usual: Unnamed<T> })
  : { fields: ShapeOfFields<T> };

const HEAD = { type: "number", code: "number", checksum: "number" } as const;
const ECHO = {
  ...HEAD,
  identifier: "number",
  sequence: "number",
  payload: "octets",
} as const;
const QUOTED = { quotedLength: "number", quoted: "octets" } as const;
const EXTENDED = { ...QUOTED, extensions: "octets" } as const;
const TIMESTAMP = {
  ...ECHO,
  originate: "number",
  receive: "number",
  transmit: "number",
} as const;
const MASK = { ...ECHO, mask: "text" } as const;
const ERROR_V6 = { ...HEAD, ...EXTENDED, unused: "number" } as const;
const NDP = { ...HEAD, reserved: "number", options: "octets" } as const;
const UNKNOWN = { ...HEAD, type: "number!", payload: "octets" } as const;
const OPTIONS = { nextHeader: "number", data: "octets" } as const;
const ARP_HEAD = {
  hardwareType: "number",
  protocolType: "number",
  hardwareLength: "number",
  protocolLength: "number",
  operation: "number!",
} as const;

const ethernet: ShapeOfObject<EthernetFields> = {
  fields: {
    destination: "text",
    source: "text",
    vlanTags: {
      list: {
        fields: { tpid: "number", pcp: "number", dei: "flag", vid: "number!" },
      },
    },
    typeOrLength: "number",
    llc: {
      fields: {
        dsap: "number!",
        ssap: "number!",
        control: "number!",
        snap: { fields: { oui: "number!", protocol: "number!" } },
      },
    },
  },
};

const arp: ShapeOfObject<ARPFields> = {
  kinds: {
    ethernetIPv4: {
      ...ARP_HEAD,
      senderHardwareAddress: "text",
      senderProtocolAddress: "text!",
      targetHardwareAddress: "text",
      targetProtocolAddress: "text!",
    },
    other: {
      hardwareType: "number!",
      protocolType: "number!",
      hardwareLength: "number!",
      protocolLength: "number!",
      operation: "number!",
      addresses: "octets!",
    },
  },
  usual: "ethernetIPv4",
};

const ipv4: ShapeOfObject<IPv4LayerFields> = {
  fields: {
    version: "number",
    headerLength: "number",
    dscp: "number",
    ecn: "number",
    totalLength: "number",
    identification: "number",
    reserved: "flag",
    dontFragment: "flag",
    moreFragments: "flag",
    fragmentOffset: "number",
    ttl: "number",
    protocol: "number",
    checksum: "number",
    source: "text",
    destination: "text!",
    options: "octets",
  },
};

const extensionHeader: ShapeOfObject<IPv6ExtensionFields> = {
  kinds: {
    hopByHop: OPTIONS,
    destinationOptions: OPTIONS,
    routing: { ...OPTIONS, routingType: "number!", segmentsLeft: "number!" },
    fragment: {
      nextHeader: "number",
      reserved: "number",
      fragmentOffset: "number",
      reservedBits: "number",
      moreFragments: "flag",
      identification: "number",
    },
    authentication: { nextHeader: "number", data: "octets!" },
  },
};

const ipv6: ShapeOfObject<IPv6LayerFields> = {
  fields: {
    version: "number",
    dscp: "number",
    ecn: "number",
    flowLabel: "number",
    payloadLength: "number",
    nextHeader: "number",
    hopLimit: "number",
    source: "text",
    destination: "text!",
    extensionHeaders: { list: extensionHeader },
    protocol: "number",
  },
};

const icmpv4: ShapeOfObject<ICMPv4Fields> = {
  kinds: {
    echoRequest: ECHO,
    echoReply: ECHO,
    destinationUnreachable: {
      ...HEAD,
      ...EXTENDED,
      unusedBefore: "number",
      nextHopMTU: "number",
    },
    sourceQuench: { ...HEAD, unused: "number", quoted: "octets" },
    redirect: { ...HEAD, gateway: "text!", quoted: "octets" },
    timeExceeded: {
      ...HEAD,
      ...EXTENDED,
      unusedBefore: "number",
      unusedAfter: "number",
    },
    parameterProblem: {
      ...HEAD,
      ...EXTENDED,
      pointer: "number",
      unusedAfter: "number",
    },
    timestampRequest: TIMESTAMP,
    timestampReply: TIMESTAMP,
    informationRequest: ECHO,
    informationReply: ECHO,
    addressMaskRequest: MASK,
    addressMaskReply: MASK,
    routerAdvertisement: {
      ...HEAD,
      addressCount: "number",
      entryLength: "number",
      lifetime: "number",
      routers: {
        list: { fields: { address: "text!", preference: "number!" } },
        needed: true,
      },
      payload: "octets",
    },
    routerSolicitation: { ...HEAD, reserved: "number", payload: "octets" },
    unknown: UNKNOWN,
  },
};

const icmpv6: ShapeOfObject<ICMPv6Fields> = {
  kinds: {
    destinationUnreachable: ERROR_V6,
    timeExceeded: ERROR_V6,
    packetTooBig: { ...HEAD, mtu: "number!", quoted: "octets" },
    parameterProblem: { ...HEAD, pointer: "number", quoted: "octets" },
    echoRequest: ECHO,
    echoReply: ECHO,
    routerSolicitation: NDP,
    routerAdvertisement: {
      ...HEAD,
      hopLimit: "number",
      managed: "flag",
      other: "flag",
      reservedFlags: "number",
      lifetime: "number",
      reachableTime: "number",
      retransTimer: "number",
      options: "octets",
    },
    neighborSolicitation: { ...NDP, target: "text!" },
    neighborAdvertisement: {
      ...NDP,
      router: "flag",
      solicited: "flag",
      override: "flag",
      target: "text!",
    },
    redirect: { ...NDP, target: "text!", destination: "text!" },
    unknown: UNKNOWN,
  },
};

const udp: ShapeOfObject<UDPFields> = {
  fields: {
    sourcePort: "number",
    destinationPort: "number!",
    length: "number",
    checksum: "number",
  },
};

const tcp: ShapeOfObject<TCPFields> = {
  fields: {
    sourcePort: "number!",
    destinationPort: "number!",
    sequence: "number",
    acknowledgment: "number",
    headerLength: "number",
    reserved: "number",
    cwr: "flag",
    ece: "flag",
    urg: "flag",
    ack: "flag",
    psh: "flag",
    rst: "flag",
    syn: "flag",
    fin: "flag",
    window: "number",
    checksum: "number",
    urgentPointer: "number",
    options: "octets",
  },
};

const SOURCES = { list: "text" } as const;
const IGMP_HEAD = { ...HEAD, payload: "octets" } as const;
const IGMP_GROUP = { ...IGMP_HEAD, group: "text!" } as const;

const igmp: ShapeOfObject<IGMPLayerFields & { payload?: Uint8Array }> = {
  kinds: {
    query: IGMP_GROUP,
    reportV1: IGMP_GROUP,
    reportV2: IGMP_GROUP,
    leave: IGMP_GROUP,
    queryV3: {
      ...IGMP_GROUP,
      reserved: "number",
      suppress: "flag",
      robustness: "number",
      intervalCode: "number",
      sourceCount: "number",
      sources: SOURCES,
    },
    reportV3: {
      ...IGMP_HEAD,
      reserved: "number",
      recordCount: "number",
      records: {
        list: {
          fields: {
            type: "number!",
            group: "text!",
            sources: { ...SOURCES, needed: true },
            auxiliaryData: "octets!",
          },
        },
        needed: true,
      },
    },
    unknown: { ...IGMP_HEAD, type: "number!" },
  },
};

const gre: ShapeOfObject<GRELayerFields> = {
  fields: {
    hasChecksum: "flag",
    hasRouting: "flag",
    hasKey: "flag",
    hasSequence: "flag",
    reserved: "number",
    version: "number",
    protocol: "number",
    checksum: "number",
    reservedAfter: "number",
    key: "number",
    sequence: "number",
  },
};

const COOKED = {
  packetType: "number!",
  hardwareType: "number!",
  addressLength: "number!",
  address: "octets!",
  protocol: "number",
} as const;

const sll: ShapeOfObject<SLLLayerFields> = { fields: COOKED };

const sll2: ShapeOfObject<SLL2LayerFields> = {
  fields: { ...COOKED, reserved: "number!", interfaceIndex: "number!" },
};

const loopback: ShapeOfObject<LoopbackHeader> = {
  fields: { family: "number!", littleEndian: "flag!" },
};

/** Octets: hexadecimal, or text in UTF-8. */
const octets: FieldsShape = { fields: { hex: "octets", text: "text" } };

/** By the name that a layer bears. */
export const LAYER_SHAPES: Readonly<
  Record<BuiltProtocol | "data" | "trailer", ObjectShape>
> = {
  ...{ ethernet, sll, sll2, loopback, arp, ipv4, ipv6 },
  ...{ icmpv4, icmpv6, udp, tcp, igmp, gre },
  data: octets,
  trailer: octets,
};

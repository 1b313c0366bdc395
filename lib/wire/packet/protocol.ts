/**
 * What a protocol's row holds: all that the dissector, the builder, JSON and
 * the renderers need to know of it. Each protocol's file ends with its row, and
 * none knows another: what a header says of the next one is a number.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import type { Field } from "../field.ts";
import type { ObjectShape } from "../shape.ts";
import type { AddressPair, PseudoHeader } from "../pseudo_header.ts";

/**
 * What a decoder found.
 *
 * @category Packets
 */
export interface Decoded<Header> {
  /** The header. */
  readonly header: Header;
  /** Octets of the header, which the payload follows. */
  readonly headerLength: number;
  /** The payload as far as it is there; shares the input's memory. */
  readonly payload: Uint8Array;
  /** Octets of payload that a length promises but the input lacks. */
  readonly missing: number;
}

/** What a header says its payload begins with: a number that a row has. */
export interface NextHeader {
  /** As an IP header has it. */
  readonly ipProtocol?: number;
  /** As a link-layer header, or that of a tunnel, has it. */
  readonly etherType?: number;
  /** UDP's; the first that is known counts. */
  readonly ports?: readonly number[];
}

/** What an IP header says of all that it carries. */
export interface IPPayload {
  /** What a checksum directly inside covers. */
  readonly addresses: AddressPair;
  /** Whether other fragments have the rest. */
  readonly isFragment: boolean;
}

/** Where a header's checksum is, and what it covers. */
export interface ChecksumPlace<Header> {
  /** Octets from the header's start; `undefined` where this one has none. */
  at(header: Header): number | undefined;
  /** The protocol's number in the pseudo header, if it covers one. */
  readonly pseudoHeader?: number;
  /** Octets from the header's start that are covered; default all. */
  covered?(header: Header): number;
  /** Whether 0 says that there is none, and 0xffff stands for 0. */
  readonly zeroIsNone?: true;
  /** Octets behind the checksum that are not covered: the first, and the end. */
  readonly skipped?: readonly [start: number, end: number];
  /**
   * Whether it is a CRC-32C, four octets, the lowest first; by default it is
   * the Internet checksum.
   */
  readonly isCRC32C?: true;
}

/** What a summary line tells beside the header. */
export interface SummaryFacts {
  /** Octets of header and payload that are there. */
  readonly length: number;
  /** Octets of payload that are there. */
  readonly payloadLength: number;
  /** The title of the next layer, where it is a known protocol. */
  readonly next?: string;
  /** Reads the start of a packet that an error quotes. */
  quoted(octets: Uint8Array): QuotedFacts | undefined;
}

/** What an IPv4 packet that an error quotes was about. */
export interface QuotedFacts {
  readonly destination: string;
  readonly protocol: number;
  /** Where UDP or TCP was to go, such as `udp port 53`. */
  readonly port?: string;
}

/** How a header is decoded, checked, described, and built. */
export interface Protocol<Header> {
  /** Its name in a column, as Wireshark has it: `ICMP`. */
  readonly abbreviation: string;
  /** The numbers by which IP headers announce it. */
  readonly ipProtocols?: readonly number[];
  /** The EtherTypes that announce it. */
  readonly etherTypes?: readonly number[];
  /** The UDP ports that announce it. */
  readonly ports?: readonly number[];
  /** The link types of captures that begin with it. */
  readonly linkTypes?: readonly number[];
  /** What an IP packet that carries it is called in one line; e.g. `icmp`. */
  readonly word?: string;

  /** Its line above the fields, as Wireshark words it. */
  title(header: Header, payloadLength: number): string;
  /** Reads one header; throws a `PacketError` for structural faults. */
  decode(bytes: Uint8Array): Decoded<Header>;
  /**
   * What is wrong with a header that could be decoded.
   *
   * @param bytes what it was decoded from
   * @param outside of the IP header outside; absent where its payload is not
   * all there, so that no checksum of it can be checked
   * @param isFragment whether the octets are those of a first fragment: what
   * is missing at their end is no problem
   */
  check?(
    bytes: Uint8Array,
    decoded: Decoded<Header>,
    outside?: PseudoHeader,
    isFragment?: boolean,
  ): Problem[];
  /**
   * The header's fields in wire order.
   *
   * @param bytes header and payload
   */
  describe(bytes: Uint8Array, header: Header, outside?: PseudoHeader): Field[];
  /**
   * The same of a header that ends too early, as far as it goes, if there is
   * enough of it, with its title. Checksums are not verified.
   */
  describeStart?(start: Uint8Array): LayerDescription | undefined;
  /** What the payload begins with, if the header says so. */
  next?(header: Header, payloadLength: number): NextHeader | undefined;
  /** Of IP: what it says of its payload. */
  carries?(header: Header): IPPayload;
  /** Where its checksum is, if it has one. */
  readonly checksum?: ChecksumPlace<Header>;
  /** What it says, in one line as tcpdump's. */
  summary?(header: Header, facts: SummaryFacts): string;

  /** Of several link types the one whose captures begin with such a header. */
  linkTypeOf?(header: Header): number;
  /** What JSON may hold; absent where a message is only named, and not built. */
  readonly shape?: ObjectShape;
}

/**
 * A layer in words: a line for the whole, and its fields in wire order.
 *
 * @category Packets
 */
export interface LayerDescription {
  /** Such as `Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1`. */
  readonly title: string;
  /** The fields; none for a `data` layer but where it begins a header. */
  readonly fields: readonly Field[];
}

/**
 * One layer of a packet to be built.
 *
 * @category Packets
 */
export interface PacketLayer {
  /** The protocol's name, such as `ipv4`. */
  readonly protocol: string;
  /** The number by which an IP header outside announces this layer. */
  readonly ipProtocol?: number;
  /** The EtherType by which a link-layer header outside announces it. */
  readonly etherType?: number;
  /** Of an IP header: what a checksum directly inside may cover. */
  readonly addresses?: AddressPair;
  /** Whether a checksum inside covers the addresses outside all the same. */
  readonly isTransparent?: true;
  /** Writes the layer's header, and `payload` behind it, into new octets. */
  encode(
    payload: Uint8Array,
    inner?: PacketLayer,
    outer?: PacketLayer,
  ): Uint8Array<ArrayBuffer>;
}

/**
 * What a caller gives to make a header, or one kind of a message: what tells it
 * from the other kinds, and the fields that have no default. All else may be
 * left out.
 *
 * @category Packets
 */
export type Given<Header, Needed extends keyof Header = never> =
  & Pick<Header, Needed | Extract<keyof Header, "kind">>
  & Partial<Omit<Header, Needed | "kind">>;

/**
 * The fields of a layer whose protocol number follows from the next layer.
 *
 * @category Packets
 */
export type WithoutProtocol<Fields extends { readonly protocol: number }> =
  & Omit<Fields, "protocol">
  & Partial<Pick<Fields, "protocol">>;

/**
 * The fields of each kind of a message but for what the next layers make up.
 *
 * @category Packets
 */
export type WithoutPayload<Fields> = Fields extends unknown
  ? Omit<Fields, "payload" | "quoted">
  : never;

/**
 * What a header announces by an IP protocol number; throws where nothing tells.
 *
 * @param name of header and field, such as `IPv4 protocol`
 */
export function ipProtocolOf(
  inner: PacketLayer | undefined,
  name: string,
  layer: string,
): number {
  if (inner?.ipProtocol !== undefined) return inner.ipProtocol;
  const field = name.split(" ").at(-1);
  throw new TypeError(
    `${name} cannot be computed: the next layer is not a known protocol, so ` +
      `give ${layer}({ ${field}: … })`,
  );
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

/**
 * The addresses that a checksum covers, if it is to be computed; throws where
 * nothing tells them.
 *
 * @param layer such as `tcp`
 */
export function coveredAddresses(
  outer: PacketLayer | undefined,
  { checksum }: { readonly checksum?: number },
  layer: string,
): AddressPair | undefined {
  if (outer?.addresses !== undefined || checksum !== undefined) {
    return outer?.addresses;
  }
  throw new TypeError(
    `${layer} checksum cannot be computed: it covers the addresses of the IP ` +
      `header outside, so put ipv4({ … }) before ${layer}({ … }), or let a raw ` +
      `socket send the layers themselves, or give ${layer}({ checksum: 0 })`,
  );
}

/**
 * What was decoded of a message. Only its `payload` is data; what it quotes is
 * its own. All that is checked of it, its checksum and what it counts, takes
 * the whole.
 */
export function decodedMessage<Message extends object>(
  bytes: Uint8Array,
  message: Message & { readonly payload?: Uint8Array },
): Decoded<Message> {
  const { payload = NOTHING } = message;
  const headerLength = bytes.length - payload.length;
  return { header: message, headerLength, payload, missing: 0 };
}

const NOTHING = new Uint8Array();

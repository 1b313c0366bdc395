/**
 * Capture files put together octet by octet, by none of the code under test,
 * each with the packets that it must give.
 *
 * @module
 */

import type { CaptureFilePacket } from "../../lib/capture/packet.ts";

/** A file and what is in it. */
export interface BuiltFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly packets: readonly CaptureFilePacket[];
  /** Behind which octet each of the packets is complete. */
  readonly ends: readonly number[];
  /** Lengths at which the file would be whole. */
  readonly boundaries: ReadonlySet<number>;
}

/** A packet to be built; times are as the file counts them. */
export interface GivenPacket {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly originalLength?: number;
}

/** Numbers and octets, one after the other. */
export class Octets {
  littleEndian: boolean;
  readonly #octets: number[] = [];

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  get length(): number {
    return this.#octets.length;
  }

  u16(...values: number[]): this {
    return this.#put(2, values.map(BigInt));
  }

  u32(...values: number[]): this {
    return this.#put(4, values.map(BigInt));
  }

  i64(value: bigint): this {
    return this.#put(8, [BigInt.asUintN(64, value)]);
  }

  bytes(bytes: Iterable<number>): this {
    this.#octets.push(...bytes);
    return this;
  }

  /** Zeros up to a multiple of four. */
  pad(): this {
    while (this.#octets.length % 4 !== 0) this.#octets.push(0);
    return this;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#octets);
  }

  #put(size: number, values: bigint[]): this {
    for (const value of values) {
      const octets = Array.from(
        { length: size },
        (_, i) => Number(value >> BigInt(8 * i) & 0xffn),
      );
      this.#octets.push(...(this.littleEndian ? octets : octets.reverse()));
    }
    return this;
  }
}

/** A variant of the classic file. */
export interface PcapVariant {
  readonly littleEndian: boolean;
  /** Default: times in microseconds. */
  readonly nanoseconds?: boolean;
  /** Default 2.4. */
  readonly version?: readonly [major: number, minor: number];
  /** Whether the original length comes first; default false. */
  readonly areLengthsSwapped?: boolean;
  /** Whether eight octets more precede each packet; default false. */
  readonly isModified?: boolean;
  readonly linkType?: number;
  /** The upper 16 bits of the link type's field; default 0. */
  readonly linkFlags?: number;
  readonly snapLength?: number;
  readonly records: readonly (
    & GivenPacket
    & { time: readonly [number, number] }
  )[];
}

/** Any of them. */
export function pcapFile(variant: PcapVariant): BuiltFile {
  const { littleEndian, nanoseconds, version = [2, 4] } = variant;
  const { areLengthsSwapped, isModified, records } = variant;
  const { linkType = 1, linkFlags = 0, snapLength = 65_535 } = variant;
  const octets = new Octets(littleEndian)
    .u32(isModified ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(...version)
    .u32(0, 0, snapLength, linkFlags * 0x1_0000 + linkType);
  const packets: CaptureFilePacket[] = [];
  const ends: number[] = [];
  const boundaries = new Set([octets.length]);
  for (const { time, bytes, originalLength = bytes.length } of records) {
    const lengths = [bytes.length, originalLength];
    if (areLengthsSwapped) lengths.reverse();
    octets.u32(...time, ...lengths);
    if (isModified) octets.u32(3).u16(0x0800, 0x0400);
    octets.bytes(bytes);
    const fraction = BigInt(time[1]) * (nanoseconds ? 1n : 1000n);
    packets.push({
      number: packets.length + 1,
      timestampNs: BigInt(time[0]) * 1_000_000_000n + fraction,
      bytes,
      originalLength,
      linkType,
      // The draft: four bits of length, in units of two octets, one unused, and
      // the one that says that there are such.
      fcsLength: linkFlags & 0x0400 ? (linkFlags >> 12) * 2 : undefined,
      interfaceIndex: 0,
    });
    ends.push(octets.length);
    boundaries.add(octets.length);
  }
  const name = [
    `pcap ${version.join(".")}`,
    littleEndian ? "little-endian" : "big-endian",
    `${nanoseconds ? "nano" : "micro"}seconds`,
    ...(areLengthsSwapped ? ["lengths swapped"] : []),
    ...(isModified ? ["modified"] : []),
    ...(linkFlags ? [`flags ${linkFlags.toString(16)}`] : []),
  ].join(", ");
  return { name, bytes: octets.toBytes(), packets, ends, boundaries };
}

/** An option of a pcapng block. */
export type GivenOption = readonly [code: number, value: Iterable<number>];

/** A pcapng file, block by block; what a packet must give comes with it. */
export class PcapngFile {
  readonly packets: CaptureFilePacket[] = [];
  readonly ends: number[] = [];
  readonly boundaries = new Set<number>();
  readonly #octets = new Octets(true);
  #linkTypes: number[] = [];
  #fcsLengths: (number | undefined)[] = [];
  #names: (string | undefined)[] = [];

  section(
    { littleEndian = true, length = -1n, version = [1, 0], options = [] }: {
      littleEndian?: boolean;
      length?: bigint;
      version?: readonly [number, number];
      options?: readonly GivenOption[];
    } = {},
  ): this {
    this.#octets.littleEndian = littleEndian;
    this.#linkTypes = [];
    this.#fcsLengths = [];
    this.#names = [];
    return this.block(
      0x0a0d0d0a,
      (body) => body.u32(0x1a2b3c4d).u16(...version).i64(length),
      options,
    );
  }

  interface(
    linkType: number,
    { snapLength = 0, fcsLength, options = [] }: {
      snapLength?: number;
      /** What the options say, if they do. */
      fcsLength?: number;
      options?: readonly GivenOption[];
    } = {},
  ): this {
    this.#linkTypes.push(linkType);
    this.#fcsLengths.push(fcsLength);
    this.#names.push(textOf(options, 2));
    return this.block(
      1,
      (body) => body.u16(linkType, 0).u32(snapLength),
      options,
    );
  }

  enhanced(
    { interfaceIndex = 0, ticks, timestampNs, options = [], ...packet }:
      & GivenPacket
      & {
        interfaceIndex?: number;
        ticks: bigint;
        timestampNs: bigint;
        options?: readonly GivenOption[];
      },
    isObsolete = false,
  ): this {
    const { bytes, originalLength = bytes.length } = packet;
    this.block(isObsolete ? 2 : 6, (body) => {
      if (isObsolete) body.u16(interfaceIndex, 0xfffe);
      else body.u32(interfaceIndex);
      body.u32(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn))
        .u32(bytes.length, originalLength).bytes(bytes);
    }, options);
    const comment = textOf(options, 1);
    return this.#expect(
      ...[bytes, originalLength, timestampNs, interfaceIndex, comment] as const,
    );
  }

  simple({ bytes, originalLength = bytes.length }: GivenPacket): this {
    this.block(3, (body) => body.u32(originalLength).bytes(bytes));
    return this.#expect(bytes, originalLength, undefined, 0);
  }

  /** Any block; its length is written around what `fill` puts into it. */
  block(
    type: number,
    fill: (body: Octets) => void,
    options: readonly GivenOption[] = [],
  ): this {
    const body = new Octets(this.#octets.littleEndian);
    fill(body);
    body.pad();
    for (const [code, value] of options) {
      const octets = [...value];
      body.u16(code, octets.length).bytes(octets).pad();
    }
    if (options.length > 0) body.u16(0, 0);
    const length = body.length + 12;
    this.#octets.u32(type, length).bytes(body.toBytes()).u32(length);
    this.boundaries.add(this.#octets.length);
    return this;
  }

  build(name: string): BuiltFile {
    const { packets, ends, boundaries } = this;
    return { name, bytes: this.#octets.toBytes(), packets, ends, boundaries };
  }

  #expect(
    bytes: Uint8Array<ArrayBuffer>,
    originalLength: number,
    timestampNs: bigint | undefined,
    interfaceIndex: number,
    comment?: string,
  ): this {
    const interfaceName = this.#names[interfaceIndex];
    this.packets.push({
      number: this.packets.length + 1,
      timestampNs,
      bytes,
      originalLength,
      linkType: this.#linkTypes[interfaceIndex],
      fcsLength: this.#fcsLengths[interfaceIndex],
      interfaceIndex,
      ...(interfaceName === undefined ? {} : { interfaceName }),
      ...(comment === undefined ? {} : { comment }),
    });
    this.ends.push(this.#octets.length);
    return this;
  }
}

/** What options of a code say, in lines; those before the end of them. */
function textOf(
  options: readonly GivenOption[],
  code: number,
): string | undefined {
  const end = options.findIndex(([code]) => code === 0);
  const texts = options.slice(0, end < 0 ? undefined : end)
    .filter((option) => option[0] === code)
    .map(([, value]) => new TextDecoder().decode(Uint8Array.from(value)));
  return texts.length === 0 ? undefined : texts.join("\n");
}

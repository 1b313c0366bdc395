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

/** One of the four variants of a classic file. */
export function pcapFile(
  { littleEndian, nanoseconds, linkType = 1, snapLength = 65_535, records }: {
    littleEndian: boolean;
    nanoseconds: boolean;
    linkType?: number;
    snapLength?: number;
    records: readonly (GivenPacket & { time: readonly [number, number] })[];
  },
): BuiltFile {
  const octets = new Octets(littleEndian)
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2, 4).u32(0, 0, snapLength, linkType);
  const packets: CaptureFilePacket[] = [];
  const ends: number[] = [];
  const boundaries = new Set([octets.length]);
  for (const { time, bytes, originalLength = bytes.length } of records) {
    octets.u32(...time, bytes.length, originalLength).bytes(bytes);
    const fraction = BigInt(time[1]) * (nanoseconds ? 1n : 1000n);
    packets.push({
      number: packets.length + 1,
      timestampNs: BigInt(time[0]) * 1_000_000_000n + fraction,
      bytes,
      originalLength,
      linkType: linkType & 0xffff,
      interfaceIndex: 0,
    });
    ends.push(octets.length);
    boundaries.add(octets.length);
  }
  const order = littleEndian ? "little-endian" : "big-endian";
  const name = `pcap, ${order}, ${nanoseconds ? "nano" : "micro"}seconds`;
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
    return this.block(
      0x0a0d0d0a,
      (body) => body.u32(0x1a2b3c4d).u16(...version).i64(length),
      options,
    );
  }

  interface(
    linkType: number,
    { snapLength = 0, options = [] }: {
      snapLength?: number;
      options?: readonly GivenOption[];
    } = {},
  ): this {
    this.#linkTypes.push(linkType);
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
    return this.#expect(bytes, originalLength, timestampNs, interfaceIndex);
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
  ): this {
    this.packets.push({
      number: this.packets.length + 1,
      timestampNs,
      bytes,
      originalLength,
      linkType: this.#linkTypes[interfaceIndex],
      interfaceIndex,
    });
    this.ends.push(this.#octets.length);
    return this;
  }
}

/**
 * Sent versus wire, seen: captures packets of our own as they leave and, in a
 * lab, as they arrive.
 *
 * @module
 */

import type { GivenPacket } from "../../compare/forged_packet.ts";
import { PacketWitness } from "../witness/packet_witness.ts";
import {
  hasArrived,
  isSame,
  packetsSeen,
  type SeenPacket,
} from "../../compare/seen_packets.ts";
import { comparePackets } from "../../compare/sent_versus_wire.ts";
import type { Comparison } from "../../compare/comparison.ts";

/**
 * How long to look for a packet.
 *
 * @category Sent versus wire
 */
export interface WireTapOptions {
  /** In milliseconds; default 1000. */
  readonly timeoutMs?: number;
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Watches the interface by which packets to a destination leave and, in a lab,
 * the host there that has the address. Needs root or CAP_NET_RAW, and
 * `--allow-ffi`; in a lab the right to enter its namespaces.
 *
 * @category Sent versus wire
 *
 * @example
 * ```ts
 * import { forgedPacket, readForged, sendForged, WireTap } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = forgedPacket({
 *   source: "127.0.0.7",
 *   destination: "127.0.0.1",
 *   totalLength: 0,
 * });
 * using tap = WireTap.open("127.0.0.1");
 * sendForged([packet]);
 * const { fields } = await tap.compare(readForged(packet));
 * const length = fields.find(({ name }) => name === "totalLength");
 * assertEquals(
 *   [length?.sent?.value, length?.left?.value, length?.kernel],
 *   [0, 28, "filled"],
 * );
 * ```
 */
export class WireTap implements Disposable {
  readonly #witness: PacketWitness;

  private constructor(witness: PacketWitness) {
    this.#witness = witness;
  }

  /**
   * Begins to watch. To be called before the packet is sent.
   *
   * @param destination an IPv4 address
   * @param options `namespace`: packets leave this network namespace
   * @throws {RangeError} if `destination` is no IPv4 address
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketError} if the system refuses anything else
   */
  static open(
    destination: string,
    { namespace }: { namespace?: string } = {},
  ): WireTap {
    return new WireTap(new PacketWitness(destination, { namespace }));
  }

  /**
   * Waits until a packet that was sent has been seen in all places, and
   * compares. Where it was not seen in time the comparison lacks it. What was
   * seen is forgotten afterwards, for the next packet.
   *
   * @throws {RangeError} if `timeoutMs` is not from 0 to 2,147,483,647
   * @throws {SocketError} if the system reports an error
   */
  async compare(
    given: GivenPacket,
    { timeoutMs = 1000, signal }: WireTapOptions = {},
  ): Promise<Comparison> {
    const { here, there, route } = this.#witness;
    let left: SeenPacket | undefined;
    let arrived: SeenPacket | undefined;
    const isComplete = () => {
      left ??= here && packetsSeen(here, "out")
        .find((seen) => isSame(seen, given));
      arrived ??= left && there && packetsSeen(there, "in")
        .find((seen) => hasArrived(seen, left!));
      return (here === undefined || left !== undefined) &&
        (there === undefined || arrived !== undefined);
    };
    await this.#witness.until(isComplete, { timeoutMs, signal });
    this.#witness.forget();
    const watched = { device: route.device, there: there?.host };
    return comparePackets({ given, left, arrived, ...watched });
  }

  /** Ends watching. */
  close(): void {
    this.#witness.close();
  }

  /** Ends watching, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Speaks for the silent routers of a chain, the truth or not: it sits on the
 * first router, where all probes come by.
 *
 * @module
 */

import type { Lab } from "../../../lib/lab/lab.ts";
import {
  buildPacket,
  encodeICMPv4,
  encodeICMPv6,
  type Family,
  ipv4,
  ipv6,
  PacketSocket,
  RawSocket,
} from "../../../mod.ts";
import { chainAddress } from "./trace_support.ts";

const ETHERNET = 14;
const TTL_AT = { 4: 8, 6: 7 } as const;
const SOURCE = { 4: "10.9.1.1", 6: "2001:db8:9:1::1" } as const;

/** What is said of a probe. */
export interface Saying {
  /** The router that seems to say it: its distance. */
  readonly router: number;
  /** Default that time was exceeded. */
  readonly kind?: "timeExceeded" | "tooLong";
  /** Of what is too long: octets that the link takes, as is said. */
  readonly mtu?: number;
  readonly quoted: Uint8Array;
  readonly extensions?: Uint8Array;
  /** Default at once. */
  readonly afterMs?: number;
}

/** What to say of a probe, from its IP header on, that has so many hops left. */
export type Speech = (
  probe: Uint8Array<ArrayBuffer>,
  hops: number,
) => Saying | undefined;

export class Spokesman implements AsyncDisposable {
  readonly #family: Family;
  readonly #sniffer: PacketSocket;
  readonly #socket: RawSocket;
  readonly #work: Promise<void>;
  readonly #waiting = new Set<Promise<void>>();

  constructor(lab: Lab, family: Family, speech: Speech) {
    this.#family = family;
    const namespace = lab.namespace("router1");
    this.#sniffer = PacketSocket.open({ namespace, device: "eth0" });
    this.#socket = RawSocket.open({
      namespace,
      family,
      protocol: 255,
      headerIncluded: true,
    });
    this.#work = this.#speak(speech);
  }

  async #speak(speech: Speech): Promise<void> {
    const family = this.#family;
    for await (const { bytes, direction } of this.#sniffer) {
      const probe = bytes.slice(ETHERNET);
      if (probe[0] >> 4 !== family || direction === "outgoing") continue;
      const hops = probe[TTL_AT[family]];
      const saying = speech(probe, hops);
      if (saying === undefined) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, saying.afterMs ?? 0);
      const said = promise.then(() => {
        this.#socket.send(packetOf(saying, family), SOURCE[family]);
        this.#waiting.delete(said);
      });
      this.#waiting.add(said);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sniffer.close();
    await this.#work;
    await Promise.all(this.#waiting);
    this.#socket.close();
  }
}

/** The probe as the router sees it where its hops end. */
export function atItsEnd(
  probe: Uint8Array<ArrayBuffer>,
  family: Family,
): Uint8Array<ArrayBuffer> {
  probe[TTL_AT[family]] = 1;
  return probe;
}

function packetOf(saying: Saying, family: Family): Uint8Array {
  const { router, kind = "timeExceeded", quoted, extensions, mtu = 0 } = saying;
  const source = chainAddress(router, family);
  const addresses = { source, destination: SOURCE[family] };
  const time = { kind: "timeExceeded", quoted, extensions } as const;
  if (family === 4) {
    const message = kind === "timeExceeded" ? time : {
      kind: "destinationUnreachable",
      code: 4,
      nextHopMTU: mtu,
      quoted,
    } as const;
    const header = ipv4({ ...addresses, protocol: 1 });
    return buildPacket(header, encodeICMPv4(message));
  }
  const message = kind === "timeExceeded"
    ? time
    : { kind: "packetTooBig", mtu, quoted } as const;
  const header = ipv6({ ...addresses, protocol: 58 });
  return buildPacket(header, encodeICMPv6(message, addresses));
}

/**
 * A host that answers echo requests as a script tells it: late, twice, not at
 * all, or with lies. It is the receiver of the lab's pair; its kernel keeps
 * silent.
 *
 * @module
 */

import type { Lab } from "../../lib/lab/lab.ts";
import {
  buildPacket,
  decodeICMPv4,
  decodeICMPv6,
  decodeIPv4,
  type Family,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  RawSocket,
} from "../../mod.ts";
import { setKernel } from "./hosts.ts";

/** An echo request that the responder received. */
export interface Request {
  readonly family: Family;
  /** Who sent it. */
  readonly source: string;
  /** The responder's address. */
  readonly destination: string;
  readonly id: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** A packet to be sent, from its IP header on. */
export interface Answer {
  readonly packet: Uint8Array;
  /** Send it only then; default at once. */
  readonly after?: Promise<unknown>;
}

/** What to answer to a request, in this order. */
export type Script = (request: Request) => Iterable<Answer>;

const ECHO_REQUEST = { 4: 8, 6: 128 } as const;

/**
 * When all requests of whoever sent one are there: iputils' ping waits its `-W`
 * only where nothing was answered before its last, and hardly at all elsewhere.
 *
 * @param count how many each sends
 */
export function allAsked(count: number): (request: Request) => Promise<void> {
  const askers = new Map<number, { all: () => void; asked: Promise<void> }>();
  const left = new Map<number, number>();
  return ({ id }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const asker = askers.get(id) ?? { all: resolve, asked: promise };
    askers.set(id, asker);
    left.set(id, (left.get(id) ?? count) - 1);
    if (left.get(id) === 0) asker.all();
    return asker.asked;
  };
}

/** Answers what the lab's receiver is asked, until it is disposed of. */
export class Responder implements AsyncDisposable {
  /** Requests received, in their order. */
  readonly requests: Request[] = [];
  readonly #family: Family;
  readonly #listening: RawSocket;
  readonly #forging: RawSocket;
  readonly #script: Script;
  readonly #work: Promise<void>;
  readonly #sending = new Set<Promise<void>>();
  #awaited: { count: number; resolve: () => void } | undefined;

  private constructor(namespace: string, family: Family, script: Script) {
    this.#family = family;
    this.#script = script;
    const protocol = family === 4 ? 1 : 58;
    const options = { protocol, family, namespace } as const;
    this.#listening = RawSocket.open({
      ...options,
      receiveBufferBytes: 4_000_000,
    });
    this.#forging = RawSocket.open({ ...options, headerIncluded: true });
    this.#forging.attachFilter([{ code: 0x06, jt: 0, jf: 0, k: 0 }]);
    this.#work = this.#answer();
  }

  /** Silences the kernel of the lab's receiver, and answers in its place. */
  static async start(
    lab: Lab,
    family: Family,
    script: Script,
  ): Promise<Responder> {
    await setKernel(lab, "receiver", {
      "net.ipv4.icmp_echo_ignore_all": 1,
      "net.ipv6.icmp.echo_ignore_all": 1,
    });
    return new Responder(lab.namespace("receiver"), family, script);
  }

  /** Resolves when so many requests were received, and answered. */
  async answered(count: number): Promise<void> {
    if (this.requests.length < count) {
      await new Promise<void>((resolve) => this.#awaited = { count, resolve });
    }
    await Promise.all(this.#sending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sending);
    this.#listening.close();
    await this.#work;
    this.#forging.close();
  }

  async #answer(): Promise<void> {
    for await (const { bytes, source, destination } of this.#listening) {
      const request = this.#family === 4
        ? read4(bytes)
        : read6(bytes, source, destination!);
      if (request === undefined) continue;
      this.requests.push(request);
      for (const { packet, after } of this.#script(request)) {
        const send = () => this.#forging.send(packet, request.source);
        if (after === undefined) {
          send();
          continue;
        }
        const sending: Promise<void> = after.then(send)
          .finally(() => this.#sending.delete(sending));
        this.#sending.add(sending);
      }
      if (this.#awaited && this.requests.length >= this.#awaited.count) {
        this.#awaited.resolve();
      }
    }
  }
}

function read4(bytes: Uint8Array): Request | undefined {
  const { header, payload } = decodeIPv4(bytes);
  const message = decodeICMPv4(payload).header;
  if (message.type !== ECHO_REQUEST[4] || !("identifier" in message)) return;
  const { source, destination } = header;
  return { ...echoOf(message), family: 4, source, destination };
}

function read6(
  bytes: Uint8Array,
  source: string,
  destination: string,
): Request | undefined {
  const message = decodeICMPv6(bytes).header;
  if (message.kind !== "echoRequest") return;
  return { ...echoOf(message), family: 6, source, destination };
}

function echoOf(message: object): Pick<Request, "id" | "sequence" | "payload"> {
  const { identifier, sequence, payload } = message as {
    identifier: number;
    sequence: number;
    payload: Uint8Array;
  };
  return { id: identifier, sequence, payload };
}

/** What is other than it should be. */
export interface Wrong {
  readonly source?: string;
  readonly id?: number;
  readonly sequence?: number;
  readonly payload?: Uint8Array;
  readonly checksum?: number;
  readonly ttl?: number;
  /** Raw IPv4 options. */
  readonly options?: Uint8Array;
}

/** The echo reply to a request, or nearly. */
export function reply(request: Request, wrong: Wrong = {}): Answer {
  const { id, sequence, payload, checksum, ttl, options } = {
    ...request,
    ...wrong,
  };
  const source = wrong.source ?? request.destination;
  const addresses = { source, destination: request.source };
  const echo = {
    kind: "echoReply",
    identifier: id,
    sequence,
    checksum,
  } as const;
  return {
    packet: request.family === 4
      ? buildPacket(ipv4({ ...addresses, ttl, options }), icmpv4(echo), payload)
      : buildPacket(
        ipv6({ ...addresses, hopLimit: ttl }),
        icmpv6(echo),
        payload,
      ),
  };
}

/** What an error quotes. */
export interface Quote extends Wrong {
  /** Where the quoted request went to. */
  readonly destination?: string;
  /** Octets of the quoted packet that are kept; default all. */
  readonly length?: number;
  /** Another protocol than ICMP. */
  readonly protocol?: number;
  readonly fragmentOffset?: number;
}

/** The request as an error quotes it. */
export function quoted(request: Request, quote: Quote = {}): Uint8Array {
  const { id, sequence, payload, destination } = { ...request, ...quote };
  const source = quote.source ?? request.source;
  const { protocol, fragmentOffset, checksum, options, length } = quote;
  const echo = {
    kind: "echoRequest",
    identifier: id,
    sequence,
    checksum,
  } as const;
  const packet = request.family === 4
    ? buildPacket(
      ipv4({ source, destination, protocol, fragmentOffset, options }),
      icmpv4(echo),
      payload,
    )
    : buildPacket(
      ipv6({ source, destination, protocol }),
      icmpv6(echo),
      payload,
    );
  return packet.subarray(0, length);
}

/** "Destination unreachable: host unreachable", from the responder itself. */
export function unreachable(request: Request, quote: Quote = {}): Answer {
  const addresses = {
    source: request.destination,
    destination: request.source,
  };
  const kind = "destinationUnreachable" as const;
  const quotation = quoted(request, quote);
  const packet = request.family === 4
    ? buildPacket(ipv4(addresses), icmpv4({ kind, code: 1 }), quotation)
    : buildPacket(ipv6(addresses), icmpv6({ kind, code: 3 }), quotation);
  return { packet };
}

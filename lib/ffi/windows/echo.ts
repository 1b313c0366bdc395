/**
 * Ping sockets, which Windows has none of: it sends echo requests for whoever
 * asks it to, administrator or not.
 *
 * @module
 */

import type { EchoCalls, EchoReply, Iphlpapi } from "./echo_calls.ts";
import { EIO } from "../errno.ts";
import { addTime, type Batch, checksum } from "./messages.ts";

/** IP_OPTION_INFORMATION */
const OPTIONS = { SIZE: 16, TTL: 0, TOS: 1 } as const;
/** What an error quotes, and IO_STATUS_BLOCK, as Windows wants room for them. */
const SPARE = 8 + 16;
/** Not yet written by Windows. */
const NOTHING = 0xffff_ffff;
/** IP_REQ_TIMED_OUT: sent, and lost. */
const TIMED_OUT = 11_010;
/** As long as Windows waits for a reply, unless somebody waits longer. */
const WAIT_MS = 4000;
/** Each that waits takes one of the pool's 32 threads from those to be sent. */
const MOST_MS = 30_000;
/** Options that are sent along: IP_TOS, IP_TTL, IPV6_TCLASS, IPV6_UNICAST_HOPS. */
const TRAFFIC_CLASSES = ["0,1", "41,67"];
const TTLS = ["0,2", "41,16"];
/** struct sock_extended_err, and SO_EE_ORIGIN_ICMP or the same of IPv6. */
const EXTENDED_ERROR = { SIZE: 16, ORIGIN: 4 } as const;
const ORIGIN_ICMP = { 4: 2, 6: 3 } as const;
const ECHO_HEADER = 8;

/** Something that came back. */
export interface EchoAnswer extends Omit<EchoReply, "data"> {
  /** The echo reply; or the request that an error is about. */
  readonly message: Uint8Array<ArrayBuffer>;
  readonly error: readonly [type: number, code: number] | undefined;
  /** When it was seen, by the system's clock. */
  readonly atNs: bigint;
}

/** Sends echo requests, and keeps what comes back. */
export class EchoSocket {
  readonly #waiting = new Set<() => void>();
  /** Addresses that the last request to was not sent. */
  readonly #failed = new Set<string>();
  #waitMs = WAIT_MS;
  /** Answers not yet fetched: replies, and errors. */
  readonly replies: EchoAnswer[] = [];
  readonly errors: EchoAnswer[] = [];
  readonly identifier = crypto.getRandomValues(new Uint16Array(1))[0] % 0xffff +
    1;
  ttl = 64;
  trafficClass = 0;
  /** The socket address to send from; none: Windows' choice. */
  source: Uint8Array<ArrayBuffer> | undefined;

  /**
   * @param handle what Windows has opened
   * @param onAnswer called when something has come back
   */
  constructor(
    readonly api: Iphlpapi,
    readonly calls: EchoCalls,
    readonly handle: Deno.PointerValue,
    readonly onAnswer: () => void,
    readonly clock: () => bigint,
  ) {}

  /** Whether something is to be fetched. */
  get isReadable(): boolean {
    for (const look of [...this.#waiting]) look();
    return this.replies.length + this.errors.length > 0;
  }

  /**
   * Sends a request, from its ICMP header on; or tells in its place that the
   * last one to there was not sent, which is known only later, and why not
   * only on the thread that tried.
   */
  send(message: Uint8Array, to: Uint8Array<ArrayBuffer>): number {
    const there = to.join();
    if (this.#failed.delete(there)) return -EIO;
    const { calls } = this;
    const request = Uint8Array.from(message);
    const data = request.slice(ECHO_HEADER);
    new DataView(request.buffer).setUint16(4, this.identifier);
    const options = new Uint8Array(OPTIONS.SIZE);
    options[OPTIONS.TTL] = this.ttl;
    options[OPTIONS.TOS] = this.trafficClass;
    const reply = new DataView(
      new ArrayBuffer(
        calls.replyEnd + Math.max(data.length, ECHO_HEADER) + SPARE,
      ),
    );
    reply.setUint32(calls.statusOffset, NOTHING, true);
    const look = () => {
      if (reply.getUint32(calls.statusOffset, true) === NOTHING) return;
      if (!this.#waiting.delete(look)) return;
      if (!this.#take(request, reply)) this.#failed.add(there);
      this.onAnswer();
    };
    this.#waiting.add(look);
    const { source } = this;
    const waitMs = this.#waitMs;
    const size = data.length;
    // Windows wants some memory, even for nothing.
    const some = size === 0 ? new Uint8Array(1) : data;
    const sent = { source, to, data: some, size, options, reply, waitMs };
    const beganMs = performance.now();
    calls.send(this.api, this.handle, sent).then(() => {
      look();
      if (!this.#waiting.delete(look)) return;
      // Nothing was written, and nobody has waited for a reply.
      if (performance.now() - beganMs < waitMs / 2) this.#failed.add(there);
    });
    return message.length;
  }

  /** Has Windows wait for a reply, to what is sent from now on, as long as that. */
  setWait(ms: number): void {
    this.#waitMs = Math.ceil(Math.min(MOST_MS, Math.max(WAIT_MS, ms)));
  }

  /** Remembers what is sent along; all else is as it is. */
  setOption(option: string, value: BufferSource): number {
    const number = new Int32Array(value as unknown as Int32Array)[0];
    if (TRAFFIC_CLASSES.includes(option)) this.trafficClass = number;
    if (TTLS.includes(option)) this.ttl = number;
    return 0;
  }

  /** Hands out replies, or errors, as packets in a batch; tells how many. */
  fetch(batch: Batch, count: number, areErrors: boolean): number {
    const answers = (areErrors ? this.errors : this.replies).splice(0, count);
    for (
      const [slot, { message, from, ttl, error, atNs }] of answers.entries()
    ) {
      const { packet, name } = batch.at(slot);
      packet.set(message.subarray(0, packet.length));
      name.set(from);
      batch.done(slot, Math.min(message.length, packet.length));
      addTime(batch, slot, atNs);
      if (ttl !== undefined) {
        batch.control(slot, ...this.calls.ttlMessage, 4).setInt32(
          16,
          ttl,
          true,
        );
      }
      if (error === undefined) continue;
      const length = EXTENDED_ERROR.SIZE + from.length;
      const info = batch.control(slot, ...this.calls.errorMessage, length);
      const octets = new Uint8Array(info.buffer, info.byteOffset + 16, length);
      const origin = ORIGIN_ICMP[this.calls.replyType === 0 ? 4 : 6];
      octets.fill(0).set([origin, ...error], EXTENDED_ERROR.ORIGIN);
      octets.set(from, EXTENDED_ERROR.SIZE);
    }
    return answers.length;
  }

  close(): void {
    this.#waiting.clear();
    this.#failed.clear();
    this.api.IcmpCloseHandle(this.handle);
  }

  /** Keeps what has come of a request; tells whether it was sent at all. */
  #take(
    request: Uint8Array<ArrayBuffer>,
    reply: DataView<ArrayBuffer>,
  ): boolean {
    const { calls } = this;
    const size = request.length - ECHO_HEADER;
    const { data, ...answer } = calls.read(reply, size);
    const atNs = this.clock();
    const status = reply.getUint32(calls.statusOffset, true);
    const error = calls.errors[status];
    if (error !== undefined) {
      this.errors.push({ ...answer, atNs, message: request, error });
    }
    if (status !== 0) return error !== undefined || status === TIMED_OUT;
    const message = new Uint8Array(ECHO_HEADER + data.length);
    message[0] = calls.replyType;
    message.set(request.subarray(4, ECHO_HEADER), 4);
    message.set(data, ECHO_HEADER);
    // That of ICMPv6, with a pseudo header, nobody looks at behind the kernel.
    new DataView(message.buffer).setUint16(2, checksum(message));
    this.replies.push({ ...answer, atNs, message, error });
    return true;
  }
}

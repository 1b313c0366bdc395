/**
 * Sending past the kernel's own way out: whole frames, put on the device that
 * leads to one destination, as fast as it takes them.
 *
 * @module
 */

import { EAGAIN, EINTR, ENOBUFS } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import {
  AF_PACKET,
  PACKET_QDISC_BYPASS,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOCKADDR_LL,
  SOL_PACKET,
} from "../../ffi/linux/numbers.ts";
import { ETHER_TYPE } from "../../wire/ether_types.ts";
import { checkRange } from "../../wire/errors.ts";
import {
  encodeIPv4,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
} from "../../wire/ipv4/ipv4.ts";
import { encodeEthernet } from "../../wire/link/ethernet.ts";
import {
  check,
  SocketError,
  socketError,
  SocketUnavailableError,
} from "../errors.ts";
import { inNamespace } from "../kernel/namespace.ts";
import { type Route, routeTo } from "../kernel/route.ts";
import { setOption } from "../kernel/socket_options.ts";
import { nextLinkAddress, type WayOut, wayOut } from "./way_out.ts";
import { PublicGuard } from "../public_guard.ts";
import {
  RAW_SOCKET_FIELDS,
  RawSocket,
  type RawSocketOptions,
} from "../raw_socket.ts";
import { namesChecker, onlyKnown, type ValueType } from "../../wire/shape.ts";
import { FrameBatch, MOST_FRAMES } from "./frame_batch.ts";
import { requireSupport } from "../system/support.ts";
import { nextTurn } from "../time.ts";

/**
 * Where a fast sender sends, and how.
 *
 * @category Sockets
 */
export interface FastSenderOptions extends
  Pick<
    RawSocketOptions,
    | "protocol"
    | "bindAddress"
    | "ttl"
    | "trafficClass"
    | "namespace"
    | "allowPublic"
  > {
  /** The IPv4 address of one host, and not of this one. */
  readonly destination: string;
}

/**
 * Their names, by which a misspelt one is refused.
 *
 * @ignore for the tools' own use
 */
export const FAST_SENDER_FIELDS = {
  ...{ protocol: "number", bindAddress: "text", ttl: "number" },
  ...{ trafficClass: "number", namespace: "text", allowPublic: "flag" },
  destination: "text",
} as const satisfies Record<keyof FastSenderOptions, ValueType>;

const checkNames = namesChecker("FastSender.open", {
  fields: FAST_SENDER_FIELDS,
});

/** Calls made without a turn of the event loop in between. */
const CALLS_PER_TURN = 16;
/** What may be otherwise a moment later: the device, or its queue, is full. */
const MAY_PASS = [EINTR, EAGAIN, ENOBUFS];
/** A device that takes nothing for so long has no cable. */
const NO_ROOM_MS = 1000;

/**
 * Sends packets of one IP protocol to one host by a packet socket (packet(7)),
 * which spares them the kernel's routing, its firewall and its traffic shaping;
 * what captures on this host they pass by, too. They are the octets that a
 * {@linkcode RawSocket} sends, but for the identification, which is counted.
 * Needs Linux, Ethernet, root or CAP_NET_RAW, and `--allow-ffi`.
 *
 * @category Sockets
 *
 * @example
 * ```ts
 * import { FastSender, UnsupportedError } from "raw4";
 * import { assertThrows } from "@std/assert";
 *
 * // What is sent to this host itself crosses no cable.
 * const options = { protocol: 253, destination: "127.0.0.1" };
 * assertThrows(() => FastSender.open(options), UnsupportedError);
 * ```
 */
export class FastSender implements Disposable {
  readonly #options: FastSenderOptions;
  readonly #route: Route;
  readonly #way: WayOut;
  readonly #guard: PublicGuard;
  /** By which the first packet of many leaves. */
  readonly #ordinary: RawSocket;
  #descriptor: number;

  private constructor(options: FastSenderOptions, ordinary: RawSocket) {
    const { destination, namespace, bindAddress: source } = options;
    this.#options = options;
    this.#ordinary = ordinary;
    this.#guard = new PublicGuard({ ...options, headerIncluded: true });
    this.#route = routeTo(destination, { namespace, source });
    this.#way = wayOut(destination, { namespace, source });
    this.#descriptor = openOn(this.#way, namespace);
  }

  /**
   * Opens a sender.
   *
   * @throws {RangeError} if an option is out of range
   * @throws {TypeError} if there is no such option
   * @throws {UnsupportedError} on another system than Linux, or if the way is
   * not over Ethernet to one other host
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketAddressError} if `bindAddress` is not this host's
   * @throws {SocketError} if no route leads there, or the system refuses
   */
  static open(options: FastSenderOptions): FastSender {
    checkNames(options);
    requireSupport("fastSending");
    const ordinary = RawSocket.open(
      onlyKnown<RawSocketOptions>(RAW_SOCKET_FIELDS, options),
    );
    try {
      return new FastSender(options, ordinary);
    } catch (error) {
      ordinary.close();
      throw error;
    }
  }

  /**
   * Sends a payload so many times. The first leaves the ordinary way: so the
   * kernel says what it has against it, and finds out the next hop's address on
   * the link, if it is not known. One that the device has no room for is sent
   * again: what is counted has left.
   *
   * @param count 1 or more; default 1
   * @param signal ends it when aborted
   * @returns how many were sent: all, unless it was aborted
   * @throws {RangeError} if the packet is longer than the way takes whole, or
   * goes to a public address, and more than 100 have gone there within the last
   * second
   * @throws {SocketError} if the system refuses one, or nobody answers for the
   * next hop; `sent` tells how many went out before
   */
  async send(
    payload: Uint8Array,
    count = 1,
    signal?: AbortSignal,
  ): Promise<number> {
    checkRange("count", count, 1, Number.MAX_SAFE_INTEGER);
    const packet = this.#packet(payload);
    if (signal?.aborted) return 0;
    this.#ordinary.send(payload, this.#options.destination);
    if (count === 1) return 1;
    // Where nobody answers for the next hop, not even that one has left.
    const next = await nextLinkAddress(this.#way, this.#options, signal);
    let sent = 1;
    if (next === undefined) return sent;
    try {
      const frame = encodeEthernet({
        destination: next,
        source: this.#way.linkAddress,
        typeOrLength: ETHER_TYPE.IPV4,
      }, packet);
      const batch = new FrameBatch(frame);
      const isCounted = this.#guard.reaches(packet, 4);
      let passed = sent;
      let lastSent = performance.now();
      for (let calls = 1; sent < count && !signal?.aborted; calls++) {
        const most = Math.min(count - sent, MOST_FRAMES);
        // What there was no room for has passed already.
        if (isCounted) this.#guard.pass(sent + most - passed);
        passed = sent + most;
        const now = batch.send(this.#fd, most);
        if (now > 0) {
          sent += now;
          if (calls % CALLS_PER_TURN > 0) continue;
          lastSent = performance.now();
        } else if (
          !MAY_PASS.includes(-now) ||
          performance.now() - lastSent > NO_ROOM_MS
        ) {
          const action = `send packet ${sent + 1} by ${this.#way.device}`;
          throw socketError({ syscall: "sendmmsg", errno: -now, action });
        }
        await nextTurn();
      }
      return sent;
    } catch (error) {
      if (error instanceof SocketError) error.sent = sent;
      throw error;
    }
  }

  /** Closes it. */
  close(): void {
    if (this.#descriptor < 0) return;
    libc().close(this.#descriptor);
    this.#descriptor = -1;
    this.#ordinary.close();
  }

  /** Closes it, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  get #fd(): number {
    if (this.#descriptor < 0) throw new SocketUnavailableError();
    return this.#descriptor;
  }

  /** The packet as the kernel would write it. */
  #packet(payload: Uint8Array): Uint8Array {
    const { destination, protocol, trafficClass = 0 } = this.#options;
    const { source, mtu = IPV4_MAX_LENGTH, discoversMTU } = this.#route;
    const length = IPV4_MIN_HEADER_LENGTH + payload.length;
    if (length > mtu) {
      throw new RangeError(
        `the packet is ${length} octets long, and the way to ${destination} ` +
          `takes ${mtu} whole: what is sent fast is not fragmented`,
      );
    }
    return encodeIPv4({
      ...{ source, destination, protocol },
      ttl: this.#options.ttl ?? this.#route.ttl,
      dscp: trafficClass >> 2,
      ecn: trafficClass & 3,
      dontFragment: discoversMTU,
    }, payload);
  }
}

/** A packet socket that sends by a device, past its queues, and receives none. */
function openOn(
  { device, index }: WayOut,
  namespace: string | undefined,
): number {
  const symbols = libc();
  const action = `open a packet socket on ${device}`;
  // Of protocol 0, it is handed nothing that arrives.
  const open = () => {
    const fd = symbols.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    return check(fd, "socket", action);
  };
  const fd = namespace === undefined ? open() : inNamespace(namespace, open);
  try {
    const isOn = Int32Array.of(1);
    setOption(fd, SOL_PACKET, PACKET_QDISC_BYPASS, isOn, action);
    const sockaddr = new DataView(new ArrayBuffer(SOCKADDR_LL.SIZE));
    sockaddr.setUint16(SOCKADDR_LL.FAMILY, AF_PACKET, true);
    sockaddr.setInt32(SOCKADDR_LL.IFINDEX, index, true);
    check(symbols.bind(fd, sockaddr, SOCKADDR_LL.SIZE), "bind", action);
    return fd;
  } catch (error) {
    symbols.close(fd);
    throw error;
  }
}

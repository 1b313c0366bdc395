/**
 * What crosses an interface, in both directions.
 *
 * @module
 */

import { ENODEV } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import {
  AF_PACKET,
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  ARPHRD_NONE,
  ARPHRD_RAWIP,
  ARPHRD_SIT,
  ARPHRD_TUNNEL,
  ARPHRD_TUNNEL6,
  ETH_P_ALL,
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_PROMISC,
  PACKET_MREQ,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCKADDR_LL,
  SOL_PACKET,
} from "../ffi/linux/numbers.ts";
import { requireSupport } from "./system/support.ts";
import { checkRange } from "../wire/errors.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_RAW,
} from "../wire/link_types.ts";
import { namesChecker, type ValueType } from "../wire/shape.ts";
import {
  type CaptureFilter,
  type SplitFilter,
  splitFilter,
} from "./filter/capture_filter.ts";
import { runFilter } from "./filter/run_filter.ts";
import { check, socketError } from "./errors.ts";
import type { Frame } from "./ring/frame.ts";
import { hardwareType, interfaceIndex } from "./kernel/interface.ts";
import { inNamespace } from "./kernel/namespace.ts";
import { type FrameChoice, PacketRing } from "./ring/packet_ring.ts";
import { type ReceiveBuffer, ReceivingSocket } from "./receiving_socket.ts";
import type { FilterInstruction } from "./filter/bpf.ts";
import {
  askForTimestamps,
  checkDevice,
  MAX_BUFFER_BYTES,
  setOption,
  setReceiveBuffer,
} from "./kernel/socket_options.ts";

/**
 * What a packet receiver shall be.
 *
 * @category Sockets
 */
export interface PacketReceiverOptions {
  /** The interface, such as `eth0`; default all of them, which is cooked. */
  readonly device?: string;
  /**
   * Frames without their link header, behind one that Linux makes for every
   * kind of interface ({@linkcode LINK_TYPE_LINUX_SLL2}). Default false where
   * the device's own header is known: Ethernet, loopback, raw IP.
   */
  readonly cooked?: boolean;
  /**
   * See what is meant for other hosts, too; it needs a `device`. Undone by the
   * kernel when the socket is closed, however that comes. Default false.
   */
  readonly promiscuous?: boolean;
  /** Only this EtherType, incoming alone; default all, in both directions. */
  readonly protocol?: number;
  /** Only what it lets through, from the first frame on; default all. */
  readonly filter?: CaptureFilter;
  /** Open it inside this network namespace, as `ip netns` names it. */
  readonly namespace?: string;
  /** Room for frames not yet received, in octets; default the system's. */
  readonly receiveBufferBytes?: number;
  /** Octets kept of each frame, 1–262,144; default 262,144. */
  readonly snapLength?: number;
}

/** Their names, by which a misspelt one is refused. */
export const PACKET_RECEIVER_FIELDS = {
  device: "text",
  cooked: "flag",
  promiscuous: "flag",
  protocol: "number",
  filter: "text",
  namespace: "text",
  receiveBufferBytes: "number",
  snapLength: "number",
} as const satisfies Record<keyof PacketReceiverOptions, ValueType>;

const checkNames = namesChecker("PacketReceiver.open", {
  fields: PACKET_RECEIVER_FIELDS,
});

/** A packet socket that receives nothing yet. */
export interface OpenedSocket {
  readonly fd: number;
  readonly linkType: number;
  readonly snapLength: number;
}

/** What tcpdump keeps of a frame, too. */
const MAX_SNAP_LENGTH = 262_144;

/** What the frames of each kind of interface begin with. */
const LINK_TYPES: Readonly<Record<number, number>> = {
  [ARPHRD_ETHER]: LINK_TYPE_ETHERNET,
  [ARPHRD_LOOPBACK]: LINK_TYPE_ETHERNET,
  [ARPHRD_RAWIP]: LINK_TYPE_RAW,
  [ARPHRD_TUNNEL]: LINK_TYPE_RAW,
  [ARPHRD_TUNNEL6]: LINK_TYPE_RAW,
  [ARPHRD_SIT]: LINK_TYPE_RAW,
  [ARPHRD_NONE]: LINK_TYPE_RAW,
};

/**
 * What crosses an interface, in both directions, by a packet socket (packet(7))
 * that cannot send. Needs root or CAP_NET_RAW, and `--allow-ffi`.
 *
 * What is sent over loopback is seen once, as it comes in. VLAN tags, which the
 * kernel keeps apart, are where they were on the wire.
 *
 * @category Sockets
 *
 * @example
 * ```ts
 * import { dissect, PacketReceiver, RawSocket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using sniffer = PacketReceiver.open({
 *   device: "lo",
 *   filter: { protocol: 253, host: "127.0.0.9" },
 * });
 * using sender = RawSocket.open({ protocol: 253 });
 * sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.9");
 *
 * const { bytes, linkType } = await sniffer.receive({ timeoutMs: 1000 });
 * const { layers } = dissect(bytes, { linkType });
 * assertEquals(
 *   layers.map((layer) => layer.protocol),
 *   ["ethernet", "ipv4", "data"],
 * );
 * ```
 */
export class PacketReceiver extends ReceivingSocket<Frame> {
  /** What the frames begin with: {@linkcode linkTypeName} names it. */
  readonly linkType: number;
  /** Octets kept of each frame. */
  readonly snapLength: number;
  /** What the kernel cannot run of the filter. */
  #ownFilter: SplitFilter["own"];

  /** @ignore */
  protected constructor({ fd, linkType, snapLength }: OpenedSocket) {
    super(fd);
    this.linkType = linkType;
    this.snapLength = snapLength;
  }

  /**
   * Opens a socket.
   *
   * @throws {RangeError} if an option is out of range, or the filter is none
   * @throws {TypeError} if there is no such option
   * @throws {FilterUnavailableError} if the filter needs libpcap, and it is not
   * installed
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketError} if the system refuses anything else
   * @throws {Deno.errors.NotCapable} without `--allow-ffi`
   */
  static open(options: PacketReceiverOptions = {}): PacketReceiver {
    checkNames(options);
    return this.opened(options, (opened) => new PacketReceiver(opened));
  }

  /**
   * Opens a socket of a class of one's own.
   *
   * @ignore
   */
  protected static opened<Socket extends PacketReceiver>(
    options: PacketReceiverOptions,
    make: (opened: OpenedSocket) => Socket,
  ): Socket {
    requireSupport("packetSocket");
    checkOptions(options);
    const { device, namespace, snapLength = MAX_SNAP_LENGTH } = options;
    // Protocol 0 receives nothing until all is set up.
    const open = () => {
      const type = isCooked(options) ? SOCK_DGRAM : SOCK_RAW;
      const fd = libc().socket(AF_PACKET, type | SOCK_CLOEXEC, 0);
      return check(fd, "socket", "open a packet socket");
    };
    const fd = namespace === undefined ? open() : inNamespace(namespace, open);
    let linkType: number;
    try {
      linkType = linkTypeOf(options, fd);
    } catch (error) {
      libc().close(fd);
      throw error;
    }
    if (linkType === LINK_TYPE_LINUX_SLL2 && !isCooked(options)) {
      libc().close(fd);
      return this.opened({ ...options, cooked: true }, make);
    }
    const socket = make({ fd, linkType, snapLength });
    try {
      socket.#configure(options, device === undefined ? 0 : find(device, fd));
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Keeps what the program lets through, and nothing else.
   *
   * @throws {SocketError} if the kernel refuses it
   */
  override attachFilter(program: readonly FilterInstruction[]): void {
    super.attachFilter(program);
    this.#ownFilter = undefined;
  }

  /** Lets all through again. */
  override detachFilter(): void {
    super.detachFilter();
    this.#ownFilter = undefined;
  }

  /**
   * The memory to receive into, made when it is first needed.
   *
   * @ignore
   */
  protected override newBuffer(): ReceiveBuffer<Frame> {
    const passes: FrameChoice = (bytes, originalLength, index, type) => {
      const program = this.#ownFilter;
      if (program === undefined) return true;
      const apart = { interfaceIndex: index, packetType: type };
      return runFilter(program, { bytes, originalLength, ...apart }) > 0;
    };
    return new PacketRing(this.fd, this.linkType, this.snapLength, passes);
  }

  #configure(options: PacketReceiverOptions, index: number): void {
    const { fd } = this;
    askForTimestamps(fd);
    const auxdata = Int32Array.of(1);
    setOption(fd, SOL_PACKET, PACKET_AUXDATA, auxdata, "ask for VLAN tags");
    if (options.device !== undefined) spareLoopback(options.device, fd);
    if (options.receiveBufferBytes !== undefined) {
      setReceiveBuffer(fd, options.receiveBufferBytes);
    }
    const { kernel, own } = this.#compile(options);
    if (kernel !== undefined) this.attachFilter(kernel);
    this.#ownFilter = own;
    const sockaddr = new DataView(new ArrayBuffer(SOCKADDR_LL.SIZE));
    sockaddr.setUint16(SOCKADDR_LL.FAMILY, AF_PACKET, true);
    sockaddr.setUint16(SOCKADDR_LL.PROTOCOL, options.protocol ?? ETH_P_ALL);
    sockaddr.setInt32(SOCKADDR_LL.IFINDEX, index, true);
    const where = options.device === undefined
      ? "all interfaces"
      : `the interface ${JSON.stringify(options.device)}`;
    check(
      libc().bind(fd, sockaddr, SOCKADDR_LL.SIZE),
      "bind",
      `listen on ${where}`,
    );
    if (!options.promiscuous) return;
    const membership = new Uint8Array(PACKET_MREQ.SIZE);
    const view = new DataView(membership.buffer);
    view.setInt32(PACKET_MREQ.IFINDEX, index, true);
    view.setUint16(PACKET_MREQ.TYPE, PACKET_MR_PROMISC, true);
    const action = `make ${where} promiscuous`;
    setOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership, action);
  }

  #compile({ filter, device, namespace }: PacketReceiverOptions): SplitFilter {
    if (filter === undefined) return {};
    if (isProgram(filter)) return { kernel: filter };
    const { linkType, snapLength } = this;
    const compile = () => splitFilter(filter, { linkType, snapLength, device });
    // libpcap asks the device, and may have to open it.
    return namespace === undefined
      ? compile()
      : inNamespace(namespace, compile);
  }
}

function isProgram(
  filter: CaptureFilter,
): filter is readonly FilterInstruction[] {
  return Array.isArray(filter);
}

function isCooked({ cooked, device }: PacketReceiverOptions): boolean {
  return cooked ?? device === undefined;
}

function checkOptions(options: PacketReceiverOptions): void {
  const ranges = {
    protocol: [1, 0xffff],
    receiveBufferBytes: [1, MAX_BUFFER_BYTES],
    snapLength: [1, MAX_SNAP_LENGTH],
  } as const;
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = options[name as keyof typeof ranges];
    if (value !== undefined) checkRange(name, value, min, max);
  }
  const { device, cooked, promiscuous } = options;
  if (device !== undefined) return checkDevice(device);
  if (promiscuous) throw new RangeError("promiscuous must go with a device");
  if (cooked === false) {
    throw new RangeError(
      "cooked must be true without a device: interfaces have link headers of " +
        "different kinds",
    );
  }
}

function linkTypeOf(options: PacketReceiverOptions, fd: number): number {
  const { device } = options;
  if (device === undefined || isCooked(options)) return LINK_TYPE_LINUX_SLL2;
  find(device, fd);
  return LINK_TYPES[hardwareType(device, fd) ?? -1] ?? LINK_TYPE_LINUX_SLL2;
}

/**
 * Keeps what loopback sends, and then receives, from taking room twice. Kernels
 * before 4.20 cannot; there it is passed over when it is received.
 */
function spareLoopback(device: string, fd: number): void {
  if (hardwareType(device, fd) !== ARPHRD_LOOPBACK) return;
  const value = Int32Array.of(1);
  libc().setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, value, 4);
}

function find(device: string, fd: number): number {
  const index = interfaceIndex(device, fd);
  if (index > 0) return index;
  throw socketError({
    syscall: "ioctl",
    errno: ENODEV,
    action: `use the interface ${JSON.stringify(device)}`,
  });
}

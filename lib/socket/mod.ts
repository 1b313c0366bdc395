/**
 * Sockets: raw ones for any IP protocol, packet sockets for whole frames, and ICMP
 * sockets as icmplib has them.
 *
 * Opening one needs `--allow-ffi`, and root or CAP_NET_RAW; a ping socket, the
 * system's leave. What the system refuses is a {@linkcode SocketError}, which says
 * what to do.
 *
 * @example In a lab, or as root, on loopback
 * ```ts
 * import { RawSocket, SocketPermissionError } from "raw4/sockets";
 * import { assertEquals } from "@std/assert";
 *
 * try {
 *   using receiver = RawSocket.open({ protocol: 253, bindAddress: "127.0.0.1" });
 *   using sender = RawSocket.open({ protocol: 253 });
 *   sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.1");
 *   const { source } = await receiver.receive({ timeoutMs: 1000 });
 *   assertEquals(source, "127.0.0.1");
 * } catch (error) {
 *   if (!(error instanceof SocketPermissionError)) throw error;
 *   console.log(error.remedy);
 * }
 * ```
 *
 * @module
 */

// Raw and packet sockets
export * from "./raw_socket.ts";
export * from "./ping_socket.ts";
export {
  PacketReceiver,
  type PacketReceiverOptions,
} from "./packet_receiver.ts";
export * from "./packet_socket.ts";
export * from "./fast/fast_sender.ts";
export type { OutgoingDatagram, SendManyOptions } from "./ring/outgoing.ts";
export * from "./sending_socket.ts";
export { type ReceiveOptions, ReceivingSocket } from "./receiving_socket.ts";
export type { SocketOptions } from "./kernel/socket_options.ts";
export type { Datagram, DatagramError, DatagramInfo } from "./datagram.ts";
export type { Frame, FrameDirection } from "./ring/frame.ts";

// ICMP sockets
export {
  ICMPSocket,
  type ICMPSocketOptions,
  ICMPv4Socket,
  ICMPv6Socket,
} from "./icmp/icmp_socket.ts";
export {
  ICMPRequest,
  type ICMPRequestOptions,
  MAX_ECHO_PAYLOAD,
} from "./icmp/icmp_request.ts";
export {
  DestinationUnreachable,
  ICMPError,
  ICMPReply,
  TimeExceeded,
} from "./icmp/icmp_reply.ts";
export * from "./icmp/async_socket.ts";
export type { IgnoredCounts } from "./icmp/echo_ledger.ts";
export type { Mismatch } from "./icmp/icmp_message.ts";

// Filters
export * from "./filter/capture_filter.ts";
export type { FilterInstruction } from "./filter/bpf.ts";
export type {
  ExcludedCriteria,
  PacketCriteria,
} from "./filter/criteria_filter.ts";

// Names, routes, settings
export type { Instant } from "./kernel/clock.ts";
export { resolve, reverseResolve } from "./kernel/resolve.ts";
export * from "./kernel/route.ts";
export * from "./kernel/rtnetlink.ts";
export type { ReversePathFilter } from "./kernel/ip_settings.ts";

// Errors
export {
  NameLookupError,
  SocketAddressError,
  SocketBroadcastError,
  SocketError,
  type SocketFailure,
  SocketPermissionError,
  SocketUnavailableError,
  TimeoutExceeded,
} from "./errors.ts";
export { UnsupportedError } from "./system/support.ts";

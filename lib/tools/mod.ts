/**
 * Tools: what others do by a program. Each tells its events while it goes on, and
 * yields a result; none prints.
 *
 * @example In a lab, or as root, on loopback
 * ```ts
 * import { multiping } from "raw4/tools";
 * import { SocketPermissionError } from "raw4/sockets";
 * import { assertEquals } from "@std/assert";
 *
 * try {
 *   const hosts = await multiping(["127.0.0.1"], { count: 1 }).result;
 *   assertEquals(hosts.map((host) => host.isAlive), [true]);
 * } catch (error) {
 *   if (!(error instanceof SocketPermissionError)) throw error;
 *   console.log(error.remedy);
 * }
 * ```
 *
 * @module
 */

// Ping and sweep
export { multiping, ping } from "./ping/ping.ts";
export * from "./ping/ping_types.ts";
export { Host, type HostError } from "./ping/host.ts";
export type { AlteredOctet, Refusal, RefusalReason } from "./ping/refusal.ts";
export { sweep } from "./sweep/sweep.ts";
export * from "./sweep/sweep_types.ts";

// Traceroute
export { traceroute } from "./trace/traceroute.ts";
export {
  type WatchedHop,
  type WatchedRoute,
  type WatchEvent,
  type WatchOptions,
  type WatchRound,
  watchRoute,
} from "./trace/watch_route.ts";
export * from "./trace/trace_types.ts";
export {
  Hop,
  type HopAnswer,
  type ProbeChange,
  type ProbeFate,
} from "./trace/hop.ts";

// The pair
export * from "./pair/send_fast.ts";
export {
  fragmentCount,
  type MessageFailed,
  type MessageRefused,
  type MessageSent,
  type Outgoing,
  type SenderOpened,
  type SendEvent,
  sendMessages,
  type SendMessagesOptions,
  type SendSummary,
} from "./pair/send_messages.ts";
export * from "./pair/receive_messages.ts";
export type { ICMPErrorMessage } from "./matching.ts";

// Forged packets
export * from "./spoof/spoof.ts";
export { sendForged, type SendForgedOptions } from "./spoof/send_forged.ts";
export {
  forgedPacket,
  type ForgedPacketFields,
  type GivenPacket,
  readForged,
} from "../compare/forged_packet.ts";

// Sniffing
export * from "./sniffer.ts";
export type { SniffPlace } from "./sniff_sockets.ts";
export * from "./frame_reassembler.ts";

// Sent versus wire
export * from "../compare/comparison.ts";
export { comparePackets, type Sighting } from "../compare/sent_versus_wire.ts";
export * from "./diff/wire_tap.ts";
export type { SeenFrame, SeenPacket } from "../compare/seen_packets.ts";

// Why no reply came
export * from "./why/reply_watch.ts";
export type { ReplyError } from "./why/reply_facts.ts";
export type {
  ReplyCause,
  ReplyExplained,
  ReplyVerdict,
} from "./why/reply_verdict.ts";
export type { ChecksumFault } from "../compare/checksum_fault.ts";

// What they share
export { Run } from "./run.ts";
export type { PublicGuardOptions } from "../socket/public_guard.ts";

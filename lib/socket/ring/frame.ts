/**
 * What a packet socket received.
 *
 * @module
 */

/**
 * Whom the link layer says a frame is for.
 *
 * @category Sockets
 */
export type FrameDirection =
  /** This host. */
  | "host"
  /** Everybody. */
  | "broadcast"
  /** A group. */
  | "multicast"
  /** Another host: seen because the interface is promiscuous. */
  | "otherHost"
  /** It was sent by this host. */
  | "outgoing";

/** In the order of the kernel's PACKET_HOST, PACKET_BROADCAST, …. */
export const FRAME_DIRECTIONS: readonly FrameDirection[] = [
  "host",
  "broadcast",
  "multicast",
  "otherHost",
  "outgoing",
];

/**
 * One frame that crossed an interface; capture files take it as it is.
 *
 * @category Sockets
 */
export interface Frame {
  /** The octets that were kept; the caller's own, shared with nothing. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Octets that were on the wire. */
  readonly originalLength: number;
  /** Whether there was more of it than was kept. */
  readonly truncated: boolean;
  /** What `bytes` begins with: {@linkcode linkTypeName} names it. */
  readonly linkType: number;
  /**
   * When the kernel received or sent it, in nanoseconds since 1970 (UTC), by
   * the system's clock.
   */
  readonly timestampNs: bigint;
  /** The interface, as `ip link` numbers them. */
  readonly interfaceIndex: number;
  /** Whom it is for, or that it was sent. */
  readonly direction: FrameDirection;
  /** The EtherType of what the frame carries, behind any VLAN tag. */
  readonly protocol: number;
  /**
   * The link-layer address of its sender, such as `02:00:00:00:00:01`; empty
   * where the interface has none.
   */
  readonly source: string;
}

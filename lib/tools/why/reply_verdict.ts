/**
 * The reasons why a packet may have got no reply.
 *
 * @module
 */

/**
 * What it was.
 *
 * @category Why no reply came
 */
export type ReplyCause =
  /** There is a reply. */
  | "answered"
  /** Longer than the MTU, here or on the way. */
  | "tooLong"
  /** No route leads there. */
  | "noRoute"
  /** A route says so: blackhole, unreachable or prohibit. */
  | "routeRefuses"
  /** A broadcast address, which has to be allowed. */
  | "broadcast"
  /** A firewall of this host. */
  | "firewallHere"
  /** The system refused for another reason. */
  | "refused"
  /** Nobody answers ARP for the next hop. */
  | "neighbourSilent"
  /** Nobody there receives the protocol. */
  | "protocolUnreachable"
  /** The time to live ended on the way. */
  | "ttlExpired"
  /** Another ICMP error came back. */
  | "icmpError"
  /** It left, and arrived at no host of the lab. */
  | "lostOnTheWay"
  /** A host on the way did not send it on. */
  | "notForwarded"
  /** A reverse path filter dropped it. */
  | "sourceFiltered"
  /** The source is one that no host accepts from outside. */
  | "martianSource"
  /** The reply went to the source, which is not this host. */
  | "answeredElsewhere"
  /** What carries a wrong checksum is dropped by whoever receives it. */
  | "wrongChecksum"
  /** The destination is set to ignore echo requests. */
  | "echoIgnored"
  /** The destination has no way back to the source. */
  | "noWayBack"
  /** The destination asks for the source by ARP, and nobody answers. */
  | "sourceSilent"
  /** It arrived, and nothing is known that would explain the silence. */
  | "silent"
  /** The reply came back and this host's reverse path filter dropped it. */
  | "replyFiltered"
  /** The reply left, and did not come back. */
  | "replyLost"
  /** It left this host; what came then cannot be seen from here. */
  | "unknown";

/**
 * A verdict.
 *
 * @category Why no reply came
 */
export interface ReplyVerdict {
  /** What it was. */
  readonly cause: ReplyCause;
  /** The same in a sentence or two. */
  readonly text: string;
  /** What to do, where there is something to do. */
  readonly remedy?: string;
}

/**
 * The event in which tools tell a verdict.
 *
 * @category Why no reply came
 */
export interface ReplyExplained {
  /** Tells it from the other events. */
  readonly type: "explained";
  /** What it was. */
  readonly verdict: ReplyVerdict;
}

/** How often, in words. */
export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

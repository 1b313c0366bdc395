/**
 * What can be known of a packet that got no reply: facts, for
 * {@linkcode diagnoseReply}.
 *
 * @module
 */

import type { ReversePathFilter } from "../../socket/kernel/ip_settings.ts";
import type { Neighbour, NextHop } from "../../socket/kernel/rtnetlink.ts";
import type { ChecksumFault } from "../../compare/checksum_fault.ts";

/** A packet that was sent, or refused, and what became of it. */
export interface ReplyFacts {
  /** The packet. */
  readonly packet: {
    /** The source it had on the wire; the kernel's choice if it was 0.0.0.0. */
    readonly source: string;
    /** Where it went. */
    readonly destination: string;
    /** IP protocol number. */
    readonly protocol: number;
    /** Octets, header included. */
    readonly length: number;
    /** Whether it is an echo request, which every host answers. */
    readonly isEcho: boolean;
  };
  /** The name of the error by which the system refused it, such as `EMSGSIZE`. */
  readonly refused?: string;
  /** The kernel's decision on packets to the destination. */
  readonly route: NextHop;
  /** Whether the source is an address of this host. */
  readonly isSourceOurs: boolean;
  /** What the neighbour table says of the next hop. */
  readonly neighbour?: Neighbour;
  /** ARP questions for the next hop that were seen leaving. */
  readonly questions: number;
  /** Whether the packet was seen leaving. */
  readonly hasLeft: boolean;
  /** What is wrong with the checksum behind its IP header, as it left. */
  readonly checksumFault?: ChecksumFault;
  /** ICMP errors about it, wherever they were seen. */
  readonly errors: readonly ReplyError[];
  /** Whether a reply was seen to arrive at this host, whose source it is. */
  readonly isAnswered: boolean;
  /** Whether a reply to a source that is not this host's was seen. */
  readonly isAnsweredElsewhere: boolean;
  /** Packets that this host's reverse path filter dropped meanwhile. */
  readonly reversePathDrops: number;
  /** The last host that had it, where that can be seen: in a lab, or here. */
  readonly last?: HostFacts;
  /** Whether all other hosts were watched: this is a lab. */
  readonly isLab: boolean;
}

/**
 * An ICMP error message.
 *
 * @category Why no reply came
 */
export interface ReplyError {
  /** Who sent it. */
  readonly from: string;
  /** Such as 3, destination unreachable. */
  readonly type: number;
  /** Such as 2, protocol unreachable. */
  readonly code: number;
  /** Both in words. */
  readonly description: string;
}

/** A host that a packet arrived at, and went no further than. */
export interface HostFacts {
  /** What it is called in the lab; absent for this host. */
  readonly host?: string;
  /** Whether it has the destination's address. */
  readonly isDestination: boolean;
  /** The interface that the packet came in by. */
  readonly device: string;
  /** The source that the packet came with, which a NAT may have put there. */
  readonly source: string;
  /** What its reverse path filter does there. */
  readonly reversePathFilter: ReversePathFilter;
  /** Packets that the filter dropped meanwhile. */
  readonly reversePathDrops: number;
  /** Its way back to that source. */
  readonly wayBack: NextHop;
  /** Its way on to the packet's destination. */
  readonly wayOn: NextHop;
  /** The packet's time to live, which each router takes one of. */
  readonly ttl: HostTTL;
  /** Whether it forwards what is not for itself. */
  readonly forwards: boolean;
  /** Whether it is set to ignore echo requests. */
  readonly ignoresEcho: boolean;
  /** ARP questions for the source, or the router to it, seen leaving it. */
  readonly questions: number;
  /** Whether a reply was seen leaving it. */
  readonly hasAnswered: boolean;
}

/** A packet's time to live, 0–255, as far as a host. */
export interface HostTTL {
  /** As the packet left its sender. */
  readonly left: number;
  /** As it arrived. */
  readonly arrived: number;
  /**
   * The least that would take it to the destination, by the routes of the
   * lab's hosts; absent where they do not lead there.
   */
  readonly needed?: number;
}

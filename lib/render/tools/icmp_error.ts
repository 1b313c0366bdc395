/**
 * ICMP errors in the words of iputils' ping.
 *
 * @module
 */

/** What is told of an error. */
export interface ICMPErrorLike {
  readonly family: 4 | 6;
  readonly type: number;
  readonly code: number;
  /** The next hop's MTU, where the error is about that. */
  readonly nextHopMTU: number;
  /** Of a redirect: the router to be used instead. */
  readonly gateway?: string;
  /** Of a parameter problem: the octet that it is about. */
  readonly pointer?: number;
  /** The names of the field's own. */
  readonly description: string;
}

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: "Destination Net Unreachable",
  1: "Destination Host Unreachable",
  2: "Destination Protocol Unreachable",
  3: "Destination Port Unreachable",
  5: "Source Route Failed",
  6: "Destination Net Unknown",
  7: "Destination Host Unknown",
  8: "Source Host Isolated",
  9: "Destination Net Prohibited",
  10: "Destination Host Prohibited",
  11: "Destination Net Unreachable for Type of Service",
  12: "Destination Host Unreachable for Type of Service",
  13: "Packet filtered",
  14: "Precedence Violation",
  15: "Precedence Cutoff",
};

const REDIRECT: Readonly<Record<number, string>> = {
  0: "Redirect Network",
  1: "Redirect Host",
  2: "Redirect Type of Service and Network",
  3: "Redirect Type of Service and Host",
};

const PROBLEM_V6: Readonly<Record<number, string>> = {
  0: "Wrong header field",
  1: "Unknown header",
  2: "Unknown option",
};

const UNREACHABLE_V6: Readonly<Record<number, string>> = {
  0: "No route",
  1: "Administratively prohibited",
  2: "Beyond scope of source address",
  3: "Address unreachable",
  4: "Port unreachable",
};

/** Such as `Destination Host Unreachable`, or `Time to live exceeded`. */
export function errorText(error: ICMPErrorLike): string {
  const { family, type, code, nextHopMTU, description } = error;
  const { gateway, pointer } = error;
  if (family === 6) {
    if (type === 1 && code in UNREACHABLE_V6) {
      return `Destination unreachable: ${UNREACHABLE_V6[code]}`;
    }
    if (type === 2) return `Packet too big: mtu=${nextHopMTU}`;
    if (type === 3 && code === 0) return "Time exceeded: Hop limit";
    if (type === 4 && pointer !== undefined && code in PROBLEM_V6) {
      return `Parameter problem: ${PROBLEM_V6[code]} at ${pointer}`;
    }
    return description;
  }
  if (type === 3 && code === 4) {
    return `Frag needed and DF set (mtu = ${nextHopMTU})`;
  }
  if (type === 3 && code in UNREACHABLE) return UNREACHABLE[code];
  if (type === 4) return "Source Quench";
  if (type === 5 && gateway !== undefined && code in REDIRECT) {
    return `${REDIRECT[code]}(New nexthop: ${gateway})`;
  }
  if (type === 12 && pointer !== undefined) {
    return `Parameter problem: pointer = ${pointer}`;
  }
  if (type === 11 && code === 0) return "Time to live exceeded";
  if (type === 11 && code === 1) return "Frag reassembly time exceeded";
  return description;
}

/**
 * The rules by which Linux and the routers change a packet's header.
 *
 * @module
 */

/** What tells which rule it was. */
export interface RuleContext {
  /** The field, by the name it has in the decoded header. */
  readonly name: string;
  /** Whether the header was the sender's (IP_HDRINCL). */
  readonly headerIncluded: boolean;
  /** Whether the kernel may not fragment the packet. */
  readonly dontFragment: boolean;
  /** Whether it was seen in pieces. */
  readonly isFragmented: boolean;
  /** Values of the field; absent where it was not given, or not seen. */
  readonly sent?: number | string;
  readonly left?: number | string;
  readonly arrived?: number | string;
}

/** With IP_HDRINCL: whatever was given, and when it was nothing. */
const HEADER_INCLUDED: Readonly<Record<string, string>> = {
  totalLength: "always written by the kernel: the length that it was given " +
    "to send (raw(7))",
  checksum: "always computed by the kernel (raw(7))",
  identification: "0 lets the kernel choose one (raw(7))",
  source: "0.0.0.0 lets the kernel write the route's address (raw(7))",
};

const KEPT_ZERO = "0 stays where Don't Fragment is set: there are no " +
  "fragments to be told apart (RFC 6864 §4.1)";
const REWRITTEN = "no rule of raw(7): a firewall of this host rewrote it";

/** Without: the whole header is the kernel's. */
const KERNELS_HEADER: Readonly<Record<string, string>> = {
  version: "a raw socket of IPv4 (raw(7))",
  headerLength: "five words: without options (ip(7), IP_OPTIONS)",
  dsField: "the socket's type of service, 0 by default (ip(7), IP_TOS)",
  totalLength: "the header's octets and the payload's (RFC 791 §3.1)",
  identification: "the kernel chose it, or left 0 where nothing may be " +
    "fragmented (RFC 6864)",
  flags: "Don't Fragment while the kernel discovers the path MTU (ip(7), " +
    "IP_MTU_DISCOVER)",
  fragmentOffset: "where this piece belongs: 0 is the first (RFC 791 §3.1)",
  ttl: "the system's net.ipv4.ip_default_ttl (ip(7), IP_TTL)",
  checksum: "computed by the kernel over the header (RFC 791 §3.1)",
  source: "the address of the route (raw(7))",
};

const LINK: Readonly<Record<string, string>> = {
  macDestination: "the next hop's, which the kernel knows by ARP (RFC 826)",
  macSource: "the interface's own",
};

const ON_THE_WAY: Readonly<Record<string, string>> = {
  checksum: "updated wherever the header was changed (RFC 1624)",
  dsField: "remarked on the way (RFC 2474)",
  source: "translated on the way (NAT, RFC 3022)",
  destination: "translated on the way (NAT, RFC 3022)",
  options: "routers on the way wrote into it (RFC 791 §3.1)",
  macDestination: "each link has its own",
  macSource: "each link has its own",
};

/** Why the sending host's kernel did what it did, if it is a rule. */
export function sendingRule(context: RuleContext): string | undefined {
  const { name, sent, left, headerIncluded } = context;
  if (left === undefined) return undefined;
  if (name in LINK) return LINK[name];
  if (!headerIncluded) {
    return sent === undefined ? KERNELS_HEADER[name] : undefined;
  }
  if (name === "totalLength" || name === "checksum") {
    return HEADER_INCLUDED[name];
  }
  if (name === "identification" && sent === 0 && left === 0) {
    return context.dontFragment ? KEPT_ZERO : undefined;
  }
  if (sent === left) return undefined;
  const wasNothing = sent === 0 || sent === "0.0.0.0";
  return wasNothing ? HEADER_INCLUDED[name] ?? REWRITTEN : REWRITTEN;
}

/** Why it arrived otherwise than it left, if it did. */
export function wayRule(context: RuleContext): string | undefined {
  const { name, left, arrived } = context;
  if (left === undefined || arrived === undefined || left === arrived) {
    return undefined;
  }
  if (name === "ttl" && typeof left === "number") {
    const hops = left - Number(arrived);
    const took = hops === 1
      ? "a router on the way took one"
      : `${hops} routers on the way took one each`;
    return hops > 0 ? `${took} (RFC 791 §3.2)` : "rewritten on the way";
  }
  if (
    context.isFragmented &&
    ["totalLength", "flags", "fragmentOffset"].includes(name)
  ) return "fragmented on the way (RFC 791 §3.2)";
  return ON_THE_WAY[name] ?? "changed on the way";
}

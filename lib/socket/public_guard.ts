/**
 * What may not go to just anybody: more packets than a person needs. Every
 * socket that sends asks here, so that what a process sends in all is counted.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { SOCKADDR_IN, SOCKADDR_IN6 } from "../ffi/linux/numbers.ts";
import { supports } from "../ffi/supports.ts";
import { type Family, formatIPv4 } from "../wire/address.ts";
import { addressScope, isPublicAt } from "../wire/address_scope.ts";
import { OFFSET as IPV4 } from "../wire/ipv4/ipv4.ts";
import { OFFSET as IPV6 } from "../wire/ipv6/ipv6.ts";
import { get32 } from "../wire/octets.ts";
import { sourceRoute } from "../wire/packet/source_route.ts";
import { inquire } from "./kernel/inquiry.ts";
import { toSockaddr } from "./kernel/sockaddr.ts";
import { isInLab } from "./kernel/lab_hosts.ts";
import { nextHopTo } from "./kernel/rtnetlink.ts";

/** A range of addresses, the first and the last. */
export type AddressRange = readonly [first: string, last: string];

/**
 * Where from, and whether it was said that it is meant.
 *
 * @category Sockets
 */
export interface PublicGuardOptions {
  /** Whether public addresses are meant; default false. */
  readonly allowPublic?: boolean;
  /** The network namespace that is sent from; default this process's. */
  readonly namespace?: string;
}

/**
 * More packets within a second than these no person needs, but for networks of
 * their own: fping sends no more either, unless it is told to.
 */
const PERSONAL_RATE = 100;

/**
 * Asserts that no flood goes to public addresses.
 *
 * @param perSecond packets that leave within a second, at most
 * @throws {RangeError} if they are more than 100, and it was not said that this
 * is meant
 */
export function checkFlood(
  ranges: Iterable<AddressRange>,
  perSecond: number,
  options: PublicGuardOptions,
): void {
  if (perSecond <= PERSONAL_RATE) return;
  const range = forbiddenRange(ranges, options);
  if (range === undefined) return;
  const [first, last] = range;
  const much = perSecond === Infinity
    ? "as fast as it goes is"
    : `${Math.ceil(perSecond)} packets a second are`;
  throw flood(much, first === last ? first : `${first}-${last}`);
}

function flood(much: string, where: string): RangeError {
  return new RangeError(
    `${much} more than a person needs, and ${where} is public: keep to ` +
      `${PERSONAL_RATE}, or allowPublic, if it is yours to flood`,
  );
}

/**
 * The first of some ranges that reaches public addresses; none if that is
 * meant, or nothing leads out of here since it is a lab.
 */
export function forbiddenRange(
  ranges: Iterable<AddressRange>,
  { allowPublic = false, namespace }: PublicGuardOptions,
): AddressRange | undefined {
  if (allowPublic) return undefined;
  for (const range of ranges) {
    if (addressScope(...range) !== "public") continue;
    return isInLab(namespace) ? undefined : range;
  }
}

/** A tenth less than a second: of an even pace some are late, some are not. */
const WINDOW_MS = 900;
/** When the latest packets left, of all sockets; the oldest is at `oldest`. */
const latest = new Float64Array(PERSONAL_RATE).fill(-Infinity);
let oldest = 0;

/** Stands at the door of a socket. */
export class PublicGuard {
  readonly #family: Family;
  readonly #hasHeader: boolean;
  readonly #namespace: string | undefined;
  /** Whether anything may pass; unknown until something is to be stopped. */
  #isOpen: boolean | undefined;
  /** A source in a header that is not the kernel's, and whether it is ours. */
  #source = 0;
  #isOurs = true;

  /** @param options `headerIncluded`: packets bring along their own IP header */
  constructor(
    { allowPublic, namespace, family = 4, headerIncluded = false }:
      & PublicGuardOptions
      & { readonly family?: Family; readonly headerIncluded?: boolean } = {},
  ) {
    this.#isOpen = allowPublic || undefined;
    this.#namespace = namespace;
    this.#family = family;
    this.#hasHeader = headerIncluded;
  }

  /** Whether anything may pass: it is meant, or this is a lab. */
  get isOpen(): boolean {
    return this.#isOpen ??= isInLab(this.#namespace);
  }

  /** Whether what is sent to an address is to be counted. */
  isPublic(octets: Uint8Array, offset: number): boolean {
    return this.#isOpen !== true &&
      isPublicAt(octets, offset, this.#family) && !this.isOpen;
  }

  /** The same of a socket address. */
  isPublicSockaddr(sockaddr: Uint8Array): boolean {
    const { ADDRESS } = this.#family === 4 ? SOCKADDR_IN : SOCKADDR_IN6;
    return this.isPublic(sockaddr, ADDRESS);
  }

  /**
   * Whether a packet with its own header gets to a public address, whatever it
   * is sent to: by itself, or by whoever replies to its source.
   */
  reaches(packet: Uint8Array, family: Family = this.#family): boolean {
    return this.#hasHeader && this.#isOpen !== true &&
      this.#leadsOut(packet, family) && !this.isOpen;
  }

  /**
   * Lets packets pass, before they leave.
   *
   * @param count those to be counted
   * @throws {RangeError} if they are too many
   */
  pass(count: number): void {
    if (count === 0) return;
    const now = performance.now();
    const before = latest[(oldest + count - 1) % PERSONAL_RATE];
    if (count > PERSONAL_RATE || now - before < WINDOW_MS) {
      throw flood("so many packets within a second are", "where they go");
    }
    for (let i = 0; i < count; i++) {
      latest[oldest] = now;
      oldest = (oldest + 1) % PERSONAL_RATE;
    }
  }

  /** Milliseconds until one more may pass; 0 for now. */
  get roomMs(): number {
    return Math.max(0, latest[oldest] + WINDOW_MS - performance.now());
  }

  #leadsOut(packet: Uint8Array, family: Family): boolean {
    if (family === 6) {
      return isPublicAt(packet, IPV6.DESTINATION, 6) ||
        isAnyPublic(sourceRoute(packet));
    }
    // Replies from loopback get nowhere.
    const isLoopback = packet[IPV4.DESTINATION] === 127;
    if (
      !isLoopback &&
      (isPublicAt(packet, IPV4.DESTINATION, 4) || this.#isForged(packet))
    ) return true;
    const hasOptions = (packet[IPV4.VERSION_IHL] & 0x0f) > 5;
    return hasOptions && isAnyPublic(sourceRoute(packet));
  }

  /** Whether the source is a public address, and not this host's. */
  #isForged(packet: Uint8Array): boolean {
    if (!isPublicAt(packet, IPV4.SOURCE, 4)) return false;
    const source = get32(packet, IPV4.SOURCE);
    if (source !== this.#source) {
      this.#source = source;
      this.#isOurs = isOurs(formatIPv4(source), this.#namespace);
    }
    return !this.#isOurs;
  }
}

/** Whether an address is this host's, or stands for what the kernel chooses. */
export function isOurs(address: string, namespace?: string): boolean {
  if (address === "0.0.0.0") return true;
  if (supports.routeTable) {
    return nextHopTo(address, { namespace }).type === "local";
  }
  // What a socket can be bound to.
  return inquire(4, namespace, `look for ${address}`, (fd) => {
    const sockaddr = toSockaddr(address, 4, fd);
    return libc().bind(fd, sockaddr, sockaddr.length) === 0;
  });
}

function isAnyPublic(addresses: readonly string[]): boolean {
  return addresses.some((address) => addressScope(address) === "public");
}

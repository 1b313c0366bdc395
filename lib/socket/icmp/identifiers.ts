/**
 * ICMP identifiers: which of all that ping on this host a reply is for.
 *
 * @module
 */

const COUNT = 0x10000;

const taken = new Set<number>();
/** Random, since two processes know nothing of each other. */
let next = crypto.getRandomValues(new Uint16Array(1))[0];

/**
 * An ICMP identifier that nobody else in this process holds, 0–0xffff. Another
 * process is unlikely to have it.
 *
 * @throws {RangeError} if all 65,536 are taken
 */
export function takeIdentifier(): number {
  if (taken.size === COUNT) {
    throw new RangeError(`all ${COUNT} ICMP identifiers are in use`);
  }
  while (taken.has(next)) next = (next + 1) % COUNT;
  const identifier = next;
  taken.add(identifier);
  next = (next + 1) % COUNT;
  return identifier;
}

/** Gives an identifier back, once no reply to it is waited for. */
export function releaseIdentifier(identifier: number): void {
  taken.delete(identifier);
}

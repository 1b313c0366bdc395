/**
 * The packets that the page has, in the order of their times.
 *
 * @module
 */

/** Where packets were captured. */
export interface Point {
  /** Such as `router1/eth0`. */
  readonly name: string;
  /** What the same cable is called at its other end, too. */
  readonly otherName?: string;
  /** Whether nobody watches that other end. */
  readonly isSoleEnd?: boolean;
  /** The lab's cable that it is at, and the end. */
  readonly cable?: number;
  readonly end?: 0 | 1;
}

/** A packet as the page holds it. */
export interface Packet {
  /** Counted from 1 as they come; what it is known by. */
  readonly number: number;
  readonly point: Point;
  /** Nanoseconds since 1970; `undefined` where nobody knows. */
  readonly timestampNs: bigint | undefined;
  /** Whether the host at the point sent it; `undefined` where nobody knows. */
  readonly isOutgoing: boolean | undefined;
  /** The octets that were kept. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Octets on the wire. */
  readonly originalLength: number;
  /** What it begins with, as capture files number it. */
  readonly linkType: number;
}

/** One that has no number yet. */
export type NewPacket = Omit<Packet, "number">;

/** How many packets are held; a file may have as many, and memory allows it. */
const MOST_PACKETS = 500_000;

/** Packets that are not among those shown, and why. */
export interface Missing {
  /** The kernel had no room for them. */
  readonly dropped: number;
  /** The server, or this page, keeps them no longer. */
  readonly forgotten: number;
}

/** Holds packets, sorted; tells whoever shows them when something changed. */
export class PacketStore {
  /** All of them; not to be changed. */
  readonly packets: Packet[] = [];
  /** Raised when packets left, or moved; but not when they came at the end. */
  epoch = 0;
  /** Told of packets that were added. */
  onAdded: (packets: readonly Packet[]) => void = () => {};
  readonly #most: number;
  #number = 0;
  #missing: Missing = { dropped: 0, forgotten: 0 };

  /** @param most packets that are held */
  constructor(most = MOST_PACKETS) {
    this.#most = most;
  }

  /** Packets that there have ever been. */
  get total(): number {
    return this.#number;
  }

  /** What is not there. */
  get missing(): Missing {
    return this.#missing;
  }

  /** Takes packets, each to its place, and gives them numbers. */
  add(added: readonly NewPacket[]): readonly Packet[] {
    const numbered = added.map((packet) => ({
      ...packet,
      number: ++this.#number,
    }));
    for (const packet of numbered) this.#insert(packet);
    const excess = this.packets.length - this.#most;
    if (excess > 0) {
      // A good part at once, for what remains has to be moved.
      this.packets.splice(0, Math.max(excess, this.#most >> 4));
      this.epoch++;
      this.#missing = {
        ...this.#missing,
        forgotten: this.#missing.forgotten +
          Math.max(excess, this.#most >> 4),
      };
    }
    this.onAdded(numbered);
    return numbered;
  }

  /** Behind those that were earlier, or at the same time. */
  #insert(packet: Packet): void {
    let at = this.packets.length;
    const { timestampNs } = packet;
    if (timestampNs !== undefined) {
      while (at > 0 && isLater(this.packets[at - 1], timestampNs)) at--;
    }
    if (at === this.packets.length) {
      this.packets.push(packet);
      return;
    }
    this.packets.splice(at, 0, packet);
    this.epoch++;
  }

  /** What the kernel had no room for so far. */
  setDropped(dropped: number): void {
    this.#missing = { ...this.#missing, dropped };
  }

  /** That so many more were not kept. */
  forget(count: number): void {
    const forgotten = this.#missing.forgotten + count;
    this.#missing = { ...this.#missing, forgotten };
  }

  /** Forgets all packets, and what was missing. */
  clear(): void {
    this.packets.length = 0;
    this.#missing = { dropped: 0, forgotten: 0 };
    this.epoch++;
  }
}

function isLater({ timestampNs }: Packet, than: bigint): boolean {
  return timestampNs !== undefined && timestampNs > than;
}

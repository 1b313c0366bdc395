/**
 * Hostile input for everything that reads packets, files and text, the same
 * for the same seed. What shows something new is kept, and mutated further.
 *
 * @module
 */

import { randomOf, seededRandom } from "../random.ts";
import { checkAnswers } from "./check_answers.ts";
import { checkFile, damagedFile } from "./check_file.ts";
import { checkPacket } from "./check_packet.ts";
import {
  brokenDescription,
  brokenHex,
  checkDescription,
  checkHex,
} from "./check_text.ts";
import { mutatePacket } from "./mutate.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";
import { SEEDS } from "./seeds.ts";

/** What is given to what. */
export type FuzzKind = "packet" | "file" | "hex" | "description";

/** One input; a packet's octets begin with what `linkType` says. */
export interface FuzzInput {
  readonly kind: FuzzKind;
  readonly octets: Uint8Array;
  readonly linkType?: number;
}

/** How often, and which. */
export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Told of every input before it is tried. */
  readonly onInput?: (input: FuzzInput, number: number) => void;
}

/** What was tried. */
export interface FuzzReport {
  readonly counts: Readonly<Record<FuzzKind, number>>;
  /** Packets that showed something new, the first ones included. */
  readonly corpus: number;
  /** Different things seen. */
  readonly features: number;
}

/** An input that something went wrong with; `cause` is what. */
export class FuzzFailure extends Error {
  constructor(
    readonly input: FuzzInput,
    readonly number: number,
    override readonly cause: unknown,
  ) {
    super(`input ${number}: ${cause instanceof Error ? cause.stack : cause}`);
  }
}

/**
 * Tries so many inputs.
 *
 * @throws {FuzzFailure} at the first that something is wrong with
 */
export async function fuzz(
  { seed, inputs, onInput }: FuzzOptions,
): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const corpus = new Corpus();
  const counts = { packet: 0, file: 0, hex: 0, description: 0 };
  const utf8 = new TextEncoder();
  for (let number = 1; number <= inputs; number++) {
    const packet = number <= SEEDS.length
      ? SEEDS[number - 1]
      : mutatePacket(random, corpus.packets);
    const kind = number <= SEEDS.length ? "packet" : randomOf(random, KINDS);
    counts[kind]++;
    const told = (octets: Uint8Array, linkType?: number) => {
      input = {
        kind: linkType === undefined ? kind : "packet",
        octets,
        linkType,
      };
      onInput?.(input, number);
    };
    let input: FuzzInput | undefined;
    try {
      switch (kind) {
        case "packet":
          told(packet.bytes, packet.linkType);
          corpus.learn(checkPacket(random, packet), packet);
          corpus.learn(checkAnswers(random, packet), packet);
          break;
        case "file": {
          const file = damagedFile(random);
          told(file);
          const { packet, signature } = await checkFile(random, file);
          corpus.learn(signature, packet);
          if (packet === undefined) break;
          told(packet.bytes, packet.linkType);
          corpus.learn(checkPacket(random, packet), packet);
          break;
        }
        case "hex": {
          const text = brokenHex(random, packet);
          told(utf8.encode(text));
          corpus.learn(checkHex(text));
          break;
        }
        case "description": {
          const text = brokenDescription(random, packet);
          told(utf8.encode(text));
          corpus.learn(checkDescription(text));
          break;
        }
      }
    } catch (error) {
      throw new FuzzFailure(
        input ?? { kind, octets: packet.bytes, linkType: packet.linkType },
        number,
        error,
      );
    }
  }
  const { packets, features } = corpus;
  return { counts, corpus: packets.length, features };
}

/** How often each comes. */
const KINDS: readonly FuzzKind[] = [
  ...Array<FuzzKind>(14).fill("packet"),
  ...Array<FuzzKind>(4).fill("file"),
  "hex",
  "description",
];

/** What to mutate. */
class Corpus {
  readonly packets: TestPacket[] = [...SEEDS];
  readonly #seen = new Set<string>();

  get features(): number {
    return this.#seen.size;
  }

  /**
   * Keeps a packet in which one thing came behind another as never before: a
   * layer, a problem, a fault of a decoder.
   */
  learn(signature: string, packet?: TestPacket): void {
    let isNew = false;
    let before = "";
    for (const word of signature.split(" ")) {
      const pair = `${before} ${word}`;
      before = word;
      if (this.#seen.has(pair)) continue;
      this.#seen.add(pair);
      isNew = true;
    }
    if (isNew && packet !== undefined) this.packets.push(packet);
  }
}

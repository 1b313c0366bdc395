/**
 * The shares of a sweep joined: every finding once, in the order of addresses.
 *
 * They are read as often as it takes to keep but some of them at a time: memory
 * does not grow with them. What they wrote in the order of addresses, or nearly,
 * is so read three times, and what was shuffled twice, and once for each 256 MiB:
 * a /8 that answers whole, ten times.
 *
 * @module
 */

import { Kept, MOST_LINES, type Window } from "./kept_lines.ts";
import { checkSameSweep, shardName, sumKnown } from "./share.ts";
import {
  eachLine,
  type FilePart,
  FINDING_TYPES,
  FindingReader,
  hasTextAt,
  type ShareFile,
} from "./share_file.ts";
import type { SweepResult } from "./sweep_types.ts";
import { Targets } from "./targets.ts";

/** What a share's summary says; why packets did not leave is but a sentence. */
export type SweepSummary = Omit<SweepResult, "failure"> & {
  readonly failure: { readonly message: string } | undefined;
};

/** Octets of findings that are kept at a time, of two million usual lines. */
const MOST_KEPT = 2 ** 28;
/** Octets of which it is known between which addresses their lines are. */
const PART = 2 ** 18;
/** Stretches of addresses, of which it is known how many lines they have. */
const STRETCHES = 2 ** 14;

/** How a summary begins: as we write it, and with a blank, as Python does. */
const SUMMARIES = ['{"type":"summary",', '{"type": "summary",'];

const utf8 = new TextDecoder();

/** A part of a file, and between which targets its lines are. */
interface Part extends FilePart {
  to: number;
  min: number;
  max: number;
}

/** What is where. */
interface Contents {
  readonly parts: readonly Part[];
  /** Of each stretch of targets, of `width`: lines about them, their octets. */
  readonly width: number;
  readonly lines: Float64Array;
  readonly octets: Float64Array;
}

/** Joins the shares of a sweep. */
export class SweepMerge {
  readonly #files: readonly ShareFile[];
  readonly #parse: (line: string) => SweepSummary | undefined;
  readonly #mostKept: number;
  /** Addresses about which lines of each type are told. */
  readonly #told: number[] = FINDING_TYPES.map(() => 0);

  /**
   * @param files of all shares, in any order
   * @param parse reads a summary; `undefined` if it was cut off
   */
  constructor(
    files: readonly ShareFile[],
    parse: (line: string) => SweepSummary | undefined,
    mostKept = MOST_KEPT,
  ) {
    this.#files = files;
    this.#parse = parse;
    this.#mostKept = mostKept;
  }

  /**
   * The lines about addresses, one each, some at a time; and the result of the
   * whole sweep.
   *
   * @throws {RangeError} if shares are missing, were ended, are there twice, or
   * are of different sweeps, or of one with the same addresses on several links,
   * or a line is about none of their addresses
   */
  async *join(): AsyncGenerator<readonly string[], SweepSummary> {
    const shares = await this.#readShares();
    const targets = new Targets(shares[0].ranges);
    checkLinks(shares[0].ranges, targets);
    const finding = new FindingReader(targets);
    const contents = await this.#readContents(targets, finding);
    const windows = [...this.#windows(contents)];
    const kept = new Kept(windows);
    for (const window of windows) {
      kept.clear();
      for (const part of reached(contents.parts, window)) {
        await eachLine(part, (octets, start, end) => {
          if (!finding.read(octets, start, end)) return;
          const { index, rank } = finding;
          if (index < window.from || index >= window.to) return;
          kept.add(index, rank, octets.subarray(start, end));
        });
      }
      yield* kept.lines((rank) => this.#told[rank]++);
    }
    const [, unreachable, alive] = this.#told;
    const sum = (key: "total" | "asked" | "sent" | "unsent" | "refused") =>
      shares.reduce((sum, share) => sum + share[key], 0);
    for (const key of ["alive", "unreachable"] as const) {
      const told = shares.reduce((sum, share) => sum + share[key], 0);
      const found = key === "alive" ? alive : unreachable;
      if (key === "alive" ? found < told : found + alive < told) {
        throw new RangeError(
          `lines are missing: the shares count ${told} ${key}, and have ` +
            `lines about ${found}`,
        );
      }
    }
    return {
      ...shares[0],
      shard: { index: 1, count: 1 },
      total: sum("total"),
      asked: sum("asked"),
      sent: sum("sent"),
      unsent: sum("unsent"),
      failure: shares.find(({ failure }) => failure !== undefined)?.failure,
      alive,
      unreachable,
      refused: sum("refused"),
      dropped: sumKnown(shares.map(({ dropped }) => dropped)),
      // Side by side.
      durationMs: Math.max(...shares.map(({ durationMs }) => durationMs)),
    };
  }

  /** The summaries, in the order of the shares, all of which are there. */
  async #readShares(): Promise<SweepSummary[]> {
    const whole = new Map<number, SweepSummary>();
    const places = new Map<number, ShareFile>();
    const ended = new Map<number, SweepSummary>();
    let first: SweepSummary | undefined;
    let isCut = false;
    for (const file of this.#files) {
      await eachLine({ file, from: 0, to: Infinity }, (octets, start, end) => {
        if (!SUMMARIES.some((text) => hasTextAt(octets, start, text))) return;
        const share = this.#parse(utf8.decode(octets.subarray(start, end)));
        if (share === undefined) {
          isCut = true;
          return;
        }
        checkSameSweep(first ??= share, share);
        const { index } = share.shard;
        if (share.asked < share.total) {
          ended.set(index, share);
          return;
        }
        // Ended while it asked the silent again, it went on behind that.
        if ((places.get(index) ?? file) !== file) {
          throw new RangeError(
            `share ${shardName(share.shard)} is there twice`,
          );
        }
        whole.set(index, share);
        places.set(index, file);
      });
    }
    if (first === undefined) {
      throw new RangeError(
        "no share of a sweep is there: none has a whole summary, as --json " +
          "writes it",
      );
    }
    const { count } = first.shard;
    for (let index = 1; index <= count; index++) {
      if (whole.has(index)) continue;
      const name = shardName({ index, count });
      const share = ended.get(index);
      throw new RangeError(
        share === undefined
          ? `share ${name} is missing${isCut ? ": a summary is cut off" : ""}`
          : `share ${name} was ended: ${share.asked} of its ${share.total} ` +
            "addresses were asked",
      );
    }
    return Array.from({ length: count }, (_, i) => whole.get(i + 1)!);
  }

  async #readContents(
    { count }: Targets,
    finding: FindingReader,
  ): Promise<Contents> {
    const width = Math.ceil(count / STRETCHES);
    const lines = new Float64Array(STRETCHES);
    const sizes = new Float64Array(STRETCHES);
    const parts: Part[] = [];
    for (const file of this.#files) {
      let part: Part | undefined;
      await eachLine(
        { file, from: 0, to: Infinity },
        (octets, start, end, at) => {
          if (!finding.read(octets, start, end)) return;
          const { index } = finding;
          if (part === undefined || at - part.from >= PART) {
            part = { file, from: at, to: at, min: index, max: index };
            parts.push(part);
          }
          part.to = at + end - start + 1;
          if (index < part.min) part.min = index;
          if (index > part.max) part.max = index;
          const stretch = Math.floor(index / width);
          lines[stretch]++;
          sizes[stretch] += end - start;
        },
      );
    }
    return { parts, width, lines, octets: sizes };
  }

  *#windows({ width, lines, octets }: Contents): Generator<Window> {
    for (let from = 0; from < STRETCHES;) {
      const window = { lines: lines[from], octets: octets[from] };
      let to = from + 1;
      for (; to < STRETCHES; to++) {
        const isFull = window.octets + octets[to] > this.#mostKept ||
          window.lines + lines[to] > MOST_LINES;
        if (isFull) break;
        window.lines += lines[to];
        window.octets += octets[to];
      }
      if (window.lines > MOST_LINES) {
        throw new RangeError(
          `${window.lines} lines are about the same ${width} addresses: ` +
            `more than ${MOST_LINES} are not joined`,
        );
      }
      yield { ...window, from: from * width, to: to * width };
      from = to;
    }
  }
}

/**
 * Asserts that an address tells which target it is. Machines name the interface
 * to a link differently, so that ranges are without their zones: of several
 * links, the same may be there twice.
 */
function checkLinks(ranges: readonly string[], { count }: Targets): void {
  const sizes = ranges.map((range) => new Targets([range]).count);
  if (sizes.reduce((sum, size) => sum + size) === count) return;
  throw new RangeError(
    "the sweep has the same addresses on several links, which its shares do " +
      "not tell apart: sweep each link by itself, and join what was found there",
  );
}

/** The parts that may have lines about a window's targets; neighbours as one. */
function reached(parts: readonly Part[], { from, to }: Window): FilePart[] {
  const found: { file: ShareFile; from: number; to: number }[] = [];
  for (const part of parts) {
    if (part.max < from || part.min >= to) continue;
    const last = found.at(-1);
    const isNext = last?.file === part.file && last.to === part.from;
    if (isNext) last.to = part.to;
    else found.push({ file: part.file, from: part.from, to: part.to });
  }
  return found;
}

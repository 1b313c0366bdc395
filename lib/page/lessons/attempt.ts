/**
 * A student at a lesson: what is locked, what is to be sent, what was seen, and
 * what is handed in.
 *
 * @module
 */

import { checkStep, type StepResult } from "../../lesson/check.ts";
import {
  encodeEvidence,
  lessonHash,
  type LockedPrediction,
  lockPrediction,
} from "../../lesson/evidence.ts";
import type { Lesson, LessonStep } from "../../lesson/lesson.ts";
import {
  type OwnValues,
  ownValues,
  withOwnValues,
} from "../../lesson/own_values.ts";
import type { LessonPacket } from "../../lesson/packet_values.ts";
import {
  linkTypeFromJSON,
  packetFromJSON,
} from "../../wire/json/packet_from_json.ts";
import { LINK_TYPE_RAW } from "../../wire/link_types.ts";
import type { Packet } from "../state/store.ts";

/** A packet that a step sends. */
export interface ToSend {
  readonly host: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isFrame: boolean;
}

/** What a student has done of a lesson; not changed, but replaced. */
export class Attempt {
  readonly own: OwnValues;

  private constructor(
    readonly lesson: Lesson,
    readonly seed: string,
    readonly predictions: readonly LockedPrediction[],
  ) {
    this.own = ownValues(lesson, seed);
  }

  /** Begins. */
  static begin(lesson: Lesson, seed: string): Attempt {
    return new Attempt(lesson, seed, []);
  }

  /**
   * Locks a prediction: what was seen before does not count.
   *
   * @throws {LessonError} if it is locked already
   */
  lock(step: string, value: string, lockedNs: bigint): Attempt {
    const locked = { step, value, lockedNs };
    const predictions = lockPrediction(this.lesson, this.predictions, locked);
    return new Attempt(this.lesson, this.seed, predictions);
  }

  /** The prediction of a step, if it is locked. */
  locked({ id }: LessonStep): LockedPrediction | undefined {
    return this.predictions.find(({ step }) => step === id);
  }

  /** What a step sends, with the student's own values. */
  sends({ do: { send } }: LessonStep): ToSend[] {
    return send.flatMap(({ host, layers, times = 1 }) => {
      const packet = withOwnValues({ layers }, this.own);
      const bytes = packetFromJSON(packet);
      const isFrame = linkTypeFromJSON(packet) !== LINK_TYPE_RAW;
      return Array.from({ length: times }, () => ({ host, bytes, isFrame }));
    });
  }

  /** What came of a step, once its prediction is locked. */
  check(step: LessonStep, packets: readonly Packet[]): StepResult | undefined {
    const locked = this.locked(step);
    if (locked === undefined) return undefined;
    return checkStep(step, atHosts(packets), this.own, locked.lockedNs);
  }

  /** What is handed in: all packets since the first prediction. */
  async evidence(
    packets: readonly Packet[],
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const { lesson, seed, predictions } = this;
    const from = predictions[0]?.lockedNs ?? 0n;
    return encodeEvidence({
      lesson: lesson.id,
      hash: await lessonHash(lesson),
      ...{ seed, predictions },
      packets: atHosts(packets)
        .filter(({ timestampNs = 0n }) => timestampNs >= from),
    });
  }
}

/**
 * Packets at the hosts that have them: a cable hands the same octets to both of
 * its ends, of which one is watched.
 */
function atHosts(packets: readonly Packet[]): LessonPacket[] {
  return packets.flatMap(({ point, ...packet }) =>
    [point.name, ...(point.isSoleEnd ? [point.otherName] : [])]
      .map((interfaceName) => ({ ...packet, interfaceName }))
  );
}

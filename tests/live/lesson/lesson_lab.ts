/**
 * A student in a lab: sends what a lesson says, and keeps what was seen.
 *
 * @module
 */

import { checkStep } from "../../../lib/lesson/check.ts";
import type { LockedPrediction } from "../../../lib/lesson/evidence.ts";
import type { Lesson, LessonSend } from "../../../lib/lesson/lesson.ts";
import {
  type OwnValues,
  ownValues,
  withOwnValues,
} from "../../../lib/lesson/own_values.ts";
import type { LessonPacket } from "../../../lib/lesson/packet_values.ts";
import { labMap } from "../../../lib/lab/topology/lab_map.ts";
import {
  Lab,
  packetFromJSON,
  PacketSocket,
  planLab,
  sendForged,
  sniff,
} from "../../../mod.ts";

/** The plan that a lesson names, such as `chain 1 --mtu 2=1300`. */
function planOf({ lab }: Lesson) {
  const [command, ...options] = lab.split(" --");
  const [name, ...parameters] = command.split(" ");
  const given = options.map((option) => {
    const [name, cable, value] = option.split(/[ =]/);
    return [name, { [cable]: Number(value) }];
  });
  return planLab(name, parameters, Object.fromEntries(given));
}

function send(
  lab: Lab,
  { host, layers, times = 1 }: LessonSend,
  own: OwnValues,
) {
  const namespace = lab.namespace(host);
  const packet = packetFromJSON(withOwnValues({ layers }, own));
  for (let i = 0; i < times; i++) {
    if (!("ethernet" in layers[0])) sendForged([packet], { namespace });
    else {
      using socket = PacketSocket.open({ device: "eth0", namespace });
      socket.send(packet);
    }
  }
}

/** What came of a lesson. */
export interface Sitting {
  readonly packets: LessonPacket[];
  readonly predictions: LockedPrediction[];
  /** By step: whether its check passed within ten seconds. */
  readonly passed: Record<string, boolean>;
}

/** Goes through a lesson in its lab; predicts what is right, or `value`. */
export async function sit(
  lesson: Lesson,
  seed: string,
  value?: string,
): Promise<Sitting> {
  const own = ownValues(lesson, seed);
  await using lab = await Lab.up(planOf(lesson));
  const packets: LessonPacket[] = [];
  const predictions: LockedPrediction[] = [];
  const passed: Record<string, boolean> = {};
  const places = labMap(lab)!.hosts.filter(({ role }) => role !== "switch")
    .flatMap(({ name, namespace, ports }) =>
      ports.map(({ device }) => ({ name, namespace, device }))
    );
  const stop = new AbortController();
  const opened = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const event of sniff({ places, signal: stop.signal })) {
      if (event.type === "opened") opened.resolve();
      if (event.type !== "packet") continue;
      packets.push({ ...event.frame, interfaceName: event.device });
    }
  })();
  await Promise.race([opened.promise, watching]);
  for (const step of lesson.steps) {
    const lockedNs = BigInt(Date.now()) * 1_000_000n;
    for (const one of step.do.send) send(lab, one, own);
    const deadline = Date.now() + 10_000;
    let result = checkStep(step, packets, own, lockedNs);
    while (!result.holds && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      result = checkStep(step, packets, own, lockedNs);
    }
    passed[step.id] = result.holds;
    predictions.push({
      step: step.id,
      value: value ?? result.answer ?? "nobody knows",
      lockedNs,
    });
  }
  stop.abort();
  await watching;
  return { packets, predictions, passed };
}

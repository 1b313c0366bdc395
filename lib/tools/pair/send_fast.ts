/**
 * One message of the pair, many times, as fast as the cable takes it.
 *
 * @module
 */

import { SocketError } from "../../socket/errors.ts";
import {
  FAST_SENDER_FIELDS,
  FastSender,
  type FastSenderOptions,
} from "../../socket/fast/fast_sender.ts";
import { readClocks } from "../../socket/kernel/clock.ts";
import { routeTo } from "../../socket/kernel/route.ts";
import { checkMilliseconds, REAL_CLOCK } from "../../socket/time.ts";
import { SentPackets } from "../matching.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { Run, type RunContext } from "../run.ts";
import { Complaints } from "../why/complaints.ts";
import { isQuit } from "./receive_messages.ts";
import {
  outgoingBy,
  type SendEvent,
  type SendSummary,
} from "./send_messages.ts";

/**
 * What to send, where and how often.
 *
 * @category The pair
 */
export interface SendFastOptions extends FastSenderOptions {
  /** The message. */
  readonly payload: Uint8Array;
  /** How often, 1 or more; default once. */
  readonly count?: number;
  /**
   * How long to listen for complaints after the last, in milliseconds; default
   * 200.
   */
  readonly lingerMs?: number;
  /** Ends it when aborted. */
  readonly signal?: AbortSignal;
}

const checkNames = namesChecker("sendFast", {
  fields: {
    ...FAST_SENDER_FIELDS,
    ...{ payload: "octets", count: "number", lingerMs: "number" },
    signal: "flag",
  } satisfies Record<keyof SendFastOptions, ValueType>,
});

/**
 * Sends one message so many times by a {@linkcode FastSender}, and tells what
 * {@linkcode sendMessages} tells, but for each `sent`. The first that cannot
 * leave ends it.
 *
 * @category The pair
 * @returns a run: iterate it for its events, or await its `result`, the summary
 * @throws {TypeError} if there is no such option
 * @throws as {@linkcode FastSender} does, where it is the first message
 *
 * @example
 * ```ts
 * import { sendFast, UnsupportedError } from "raw4";
 * import { assertRejects } from "@std/assert";
 *
 * // What is sent to this host itself crosses no cable.
 * await assertRejects(
 *   () =>
 *     sendFast({
 *       protocol: 253,
 *       destination: "127.0.0.1",
 *       payload: new TextEncoder().encode("Hello World!"),
 *       count: 1000,
 *     }).result,
 *   UnsupportedError,
 * );
 * ```
 */
export function sendFast(
  options: SendFastOptions,
): Run<SendEvent, SendSummary> {
  checkNames(options);
  return new Run((context) => send(options, context), options.signal);
}

async function send(
  { payload, count = 1, lingerMs = 200, signal: _, ...options }:
    SendFastOptions,
  { emit, tell, signal }: RunContext<SendEvent>,
): Promise<SendSummary> {
  checkMilliseconds("lingerMs", lingerMs);
  const { destination, namespace, bindAddress: source } = options;
  using sender = FastSender.open(options);
  using complaints = Complaints.open(destination, { namespace });
  const route = routeTo(destination, { namespace, source });
  const outgoing = outgoingBy(options, route);
  const packets = new SentPackets();
  let sent = 0;
  let refused = 0;
  let failed = 0;
  const hear = () =>
    complaints.hear(async (error, reception) => {
      if (!packets.isAbout(error, reception)) return;
      const { from, type, code } = error;
      // Host unreachable, says this host: so does the sender, and of whom.
      if (from === outgoing.source && type === 3 && code === 1) return;
      refused++;
      await tell({ type: "refused", error });
    });
  const sendAll = async () => {
    await tell({ type: "opened", ...outgoing, isLocal: false });
    packets.add({ header: outgoing, payload }, readClocks());
    try {
      sent = await sender.send(payload, isQuit(payload) ? 1 : count, signal);
    } catch (error) {
      if (!(error instanceof SocketError && error.sent)) throw error;
      sent = error.sent + 1;
      failed = 1;
      await tell({ type: "failed", number: sent, error });
    }
    await REAL_CLOCK.sleep(lingerMs, signal);
    complaints.close();
  };
  await Promise.all([hear(), sendAll()]);
  const octets = (sent - failed) * payload.length;
  const summary: SendSummary = {
    ...{ type: "summary", sent, octets, refused, failed },
  };
  emit(summary);
  return summary;
}

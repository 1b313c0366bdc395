/**
 * Looking after packets that were sent, on the command line.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { afterSending, EXIT, exitCodeOf } from "../exit.ts";
import { Outbox } from "../output.ts";

/** Sent versus wire. */
export const DIFF = new Option(
  "--diff",
  "compare what was sent with what left and, in a lab, arrived",
);

/** No reply. */
export const WHY = new Option("--why", "find out why there is no reply");

/** What is told of a packet that was sent. */
type Told =
  | { readonly type: "explained"; readonly verdict: { readonly cause: string } }
  | {
    readonly type: "compared";
    readonly comparison: {
      readonly here: { readonly isSeen: boolean };
      readonly there?: { readonly isSeen: boolean };
    };
  };

/**
 * Prints what is told of packets that are sent.
 *
 * @param lines shows an event, without the last line's end
 * @param output where what else is shown goes, too
 * @returns the exit code: whether one could not leave, or the network said no
 */
export async function tellSent<Event extends { readonly type: string }>(
  events: AsyncIterable<Event>,
  lines: (event: Event) => string,
  output = new Outbox(),
): Promise<number> {
  let exitCode: number = EXIT.DONE;
  let hasSent = false;
  try {
    for await (const event of events) {
      if (event.type === "sent") hasSent = true;
      if (event.type === "failed" && "error" in event) {
        exitCode = exitCodeOf(event.error);
      } else if (exitCode === EXIT.DONE && isNo(event)) exitCode = EXIT.NO;
      await output.add(`${lines(event)}\n`);
    }
    await output.flush();
    return exitCode;
  } catch (error) {
    await output.flush().catch(() => {});
    throw hasSent ? afterSending(error) : error;
  }
}

/** Whether somebody refused it, there is no reply, or it was lost. */
function isNo(event: { readonly type: string } | Told): boolean {
  if (event.type === "refused") return true;
  if ("verdict" in event) return !event.verdict.cause.startsWith("answered");
  if (!("comparison" in event)) return false;
  const { here, there } = event.comparison;
  return !here.isSeen || there?.isSeen === false;
}

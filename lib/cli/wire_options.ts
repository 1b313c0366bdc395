/**
 * Looking after packets that were sent, on the command line.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";

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

/** Whether that is the network's no: there is no reply, or it was lost. */
export function isNo(event: { readonly type: string } | Told): boolean {
  if ("verdict" in event) return !event.verdict.cause.startsWith("answered");
  if (!("comparison" in event)) return false;
  const { here, there } = event.comparison;
  return !here.isSeen || there?.isSeen === false;
}

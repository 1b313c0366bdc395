/**
 * Why a packet got no reply: its own checksum.
 *
 * @module
 */

import type { ReplyFacts } from "./reply_facts.ts";
import type { ReplyVerdict } from "./reply_verdict.ts";

/**
 * The verdict, if the checksum behind the IP header is wrong.
 *
 * @param story what became of the packet: `It arrived there, which drops`
 */
export function diagnoseChecksum(
  { checksumFault, packet }: ReplyFacts,
  story: string,
): ReplyVerdict | undefined {
  if (checksumFault === undefined) return undefined;
  const { protocol, source } = checksumFault;
  const cause = "wrongChecksum";
  if (source === undefined) {
    return {
      cause,
      text: `${story} it: its ${protocol} checksum is wrong.`,
      remedy: "Leave the checksum out, and craft computes it: " +
        "`craft --explain-checksum` shows how.",
    };
  }
  const none = protocol === "UDP"
    ? " Or give 0 as its checksum, which says that there is none (RFC 768)."
    : "";
  return {
    cause,
    text: `${story} it: its ${protocol} checksum covers the source, and was ` +
      `computed over ${source}; then the system wrote ${packet.source} ` +
      "there (raw(7)).",
    remedy: `Give the source, ${packet.source}, so that the checksum is ` +
      `computed over it.${none}`,
  };
}

/**
 * Sending what the page asks for: from a host of the lab, or over loopback, and
 * nowhere else, whatever it asks.
 *
 * @module
 */

import type { Lab } from "../lab/lab.ts";
import { MIDDLEBOXES } from "../lab/topology/topology.ts";
import { PacketSocket } from "../socket/packet_socket.ts";
import { RawSocket } from "../socket/raw_socket.ts";
import { spoof, type SpoofEvent } from "../tools/spoof/spoof.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import { decodeIPv4 } from "../wire/ipv4/ipv4.ts";
import { decodeIPv6 } from "../wire/ipv6/ipv6.ts";
import { needsZone } from "../wire/zone.ts";
import type { AgentMessage, Answer, SendRequest } from "./messages.ts";

/** How long a packet's arrival, and its reply, are waited for. */
const PATIENCE_MS = 700;
/** Requests at once; of a page that asks for more, they wait. */
const MOST_AT_ONCE = 8;

/** Where packets may be sent from. */
export interface Sending {
  /** Absent where there is none: then only over loopback. */
  readonly lab: Lab | undefined;
  readonly signal: AbortSignal;
}

/** Answers the lines of the input, until it ends. */
export async function answerAll(
  input: AsyncIterable<string>,
  sending: Sending,
  say: (message: AgentMessage) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const line of input) {
    const request: SendRequest = JSON.parse(line);
    const work = answer(request, sending).then(say)
      .finally(() => running.delete(work));
    // Where nobody can be told the input ends, too: not this process at once,
    // which has a lab to remove.
    work.catch(() => {});
    running.add(work);
    if (running.size >= MOST_AT_ONCE) await Promise.race(running);
  }
}

/** Sends a packet, and tells what became of it. */
export async function answer(
  { id, host, packet, isFrame }: SendRequest,
  { lab, signal }: Sending,
): Promise<Answer> {
  try {
    const bytes = Uint8Array.fromHex(packet);
    const namespace = lab === undefined ? undefined : inLab(lab, host);
    if (isFrame) {
      sendFrame(bytes, namespace);
      return { type: "answer", id, events: [] };
    }
    if (lab === undefined) checkLoopback(bytes);
    if (isIPv6(bytes)) {
      sendIPv6(bytes, namespace);
      return { type: "answer", id, events: [{ type: "sent", number: 1 }] };
    }
    const events: SpoofEvent[] = [];
    // A lab's broadcasts reach nobody else.
    const broadcast = lab !== undefined;
    const how = { diff: true, why: true, timeoutMs: PATIENCE_MS, broadcast };
    for await (const event of spoof(bytes, { ...how, namespace, signal })) {
      events.push(event);
    }
    return { type: "answer", id, events };
  } catch (failure) {
    const { message, remedy } = failure as Error & { remedy?: string };
    return { type: "answer", id, error: message, remedy };
  }
}

/** Nothing leads out of a lab; its namespaces are this one's own. */
function inLab(lab: Lab, host: string | undefined): string {
  const hosts = lab.hosts.filter((name) => name !== MIDDLEBOXES);
  if (host !== undefined && hosts.includes(host)) return lab.namespace(host);
  throw new RangeError(`the lab has no host ${host}, but ${hosts.join(", ")}`);
}

function sendFrame(bytes: Uint8Array, namespace: string | undefined): void {
  if (namespace === undefined) {
    throw new RangeError("frames are for labs, and this is none");
  }
  using socket = PacketSocket.open({ device: "eth0", namespace });
  socket.send(bytes);
}

function isIPv6([first]: Uint8Array): boolean {
  return first >> 4 === 6;
}

/** As it is; what is compared and explained is IPv4 alone. */
function sendIPv6(bytes: Uint8Array, namespace: string | undefined): void {
  const { destination } = decodeIPv6(bytes).header;
  using socket = RawSocket.open({
    family: 6,
    protocol: IP_PROTOCOL.RAW,
    headerIncluded: true,
    namespace,
  });
  // Only a lab's hosts have links, and each of them this one.
  const zone = needsZone(destination) ? "%eth0" : "";
  socket.send(bytes, destination + zone);
}

/** Hop-by-hop and destination options, routing, fragment: RFC 8200 §4. */
const EXTENSION_HEADERS: readonly number[] = [0, 43, 44, 60];

/** Without options, too: these can name further addresses. */
function checkLoopback(packet: Uint8Array): void {
  if (isIPv6(packet)) {
    const { destination, nextHeader } = decodeIPv6(packet).header;
    if (destination === "::1" && !EXTENSION_HEADERS.includes(nextHeader)) {
      return;
    }
    throw new RangeError(
      "outside of labs the page sends IPv6 to ::1 only, without extension " +
        `headers, and this is for ${destination}`,
    );
  }
  const { destination, options } = decodeIPv4(packet).header;
  if (destination.startsWith("127.") && options.length === 0) return;
  throw new RangeError(
    "outside of labs the page sends to 127.0.0.0/8 only, without options, " +
      `and this is for ${destination}`,
  );
}

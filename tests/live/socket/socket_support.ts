/**
 * What the tests of sockets share: a lab of two hosts, and sockets inside them.
 *
 * @module
 */

import { runProgram } from "../../../lib/lab/command.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import {
  type Datagram,
  decodeIPv4,
  RawSocket,
  type RawSocketOptions,
} from "../../../mod.ts";

/** The hosts' addresses in the lab. */
export const SENDER = "1.1.1.100";
export const RECEIVER = "1.1.1.1";
export const SENDER6 = "2001:db8::100";
export const RECEIVER6 = "2001:db8::1";

/** For what must come: if it is not there then, it never will be. */
export const SOON = { timeoutMs: 30_000 } as const;

/**
 * Two hosts, sender and receiver, that know each other's link-layer addresses:
 * until then Linux keeps a few hundred packets, and drops the others.
 */
export async function pair(): Promise<Lab> {
  const lab = await Lab.up(TOPOLOGIES.pair);
  try {
    await introduce(lab, SENDER, RECEIVER);
    return lab;
  } catch (error) {
    await lab.down();
    throw error;
  }
}

/** Lets the sender learn who has an address of the receiver's, and back. */
export async function introduce(
  lab: Lab,
  sender: string,
  receiver: string,
): Promise<void> {
  const options = {
    protocol: 252,
    family: sender.includes(":") ? 6 : 4,
  } as const;
  using here = openIn(lab, "sender", options);
  using there = openIn(lab, "receiver", options);
  here.send(octets("hello"), receiver);
  await there.receive(SOON);
  there.send(octets("hello"), sender);
  await here.receive(SOON);
}

/** Opens a socket inside a host, for protocol 253 if nothing else is said. */
export function openIn(
  lab: Lab,
  host: string,
  options: Partial<RawSocketOptions> = {},
): RawSocket {
  return RawSocket.open({
    protocol: 253,
    namespace: lab.namespace(host),
    ...options,
  });
}

/** Runs a command, its words parted by single spaces, inside a host. */
export function inside(
  lab: Lab,
  host: string,
  command: string,
): Promise<string> {
  const [program, ...args] = lab.inside(host, command.split(" "));
  return runProgram(program, args);
}

/** The index that the kernel has given to an interface of a host. */
export async function interfaceIndex(
  lab: Lab,
  host: string,
  device: string,
): Promise<number> {
  const json = await inside(lab, host, `ip -j link show dev ${device}`);
  return JSON.parse(json)[0].ifindex;
}

/** Text as octets. */
export function octets(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Sends the numbers from `from` on, each as a packet of its own. */
export function sendNumbers(
  socket: RawSocket,
  from: number,
  count: number,
): void {
  for (let i = from; i < from + count; i++) {
    socket.send(octets(`${i}`), RECEIVER);
  }
}

/** The same numbers, as text. */
export function numbers(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${from + i}`);
}

/** What an IPv4 packet carries, as text. */
export function payloadText({ bytes }: Datagram): string {
  return new TextDecoder().decode(decodeIPv4(bytes).payload);
}

/** The payloads of the next packets, as text. */
export async function nextTexts(
  socket: RawSocket,
  count: number,
): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    texts.push(payloadText(await socket.receive(SOON)));
  }
  return texts;
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** The network namespace that this thread is in. */
export function currentNamespace(): string {
  return Deno.readLinkSync("/proc/thread-self/ns/net");
}

/** Lets everything that is due happen: timers, and what they set off. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

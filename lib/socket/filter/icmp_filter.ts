/**
 * Filters for raw sockets, so that only what may be an answer to us wakes us:
 * every raw ICMP socket of a host receives all of its ICMP, a TCP one all of its
 * TCP, and a UDP one all of its UDP.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { BPF, type FilterInstruction } from "./bpf.ts";

const ECHO_REPLY = { 4: 0, 6: 129 } as const;
/** Types of messages that quote the packet they are about. */
export const ERROR_TYPES = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4] } as const;

/** A quoted IPv4 header stands behind eight octets, its destination in it at 16. */
const ICMP = {
  TYPE: 0,
  IDENTIFIER: 4,
  QUOTED: 8,
  QUOTED_DESTINATION: 8 + 16,
} as const;
/** Where the quoted header tells its protocol, and what that of echoes is. */
const PROTOCOL = { 4: 9, 6: 6 } as const;
const ICMP_PROTOCOL = { 4: 1, 6: 58 } as const;
const IPV6_HEADER = 40;
/** In a TCP or UDP header. */
const PORT = { SOURCE: 0, DESTINATION: 2 } as const;

/**
 * Lets only replies and errors reach an IPv4 socket, as the argument of
 * `ICMP_FILTER`: a bit for each type that is kept away. It comes before any
 * program and costs less, which the many requests on loopback make felt.
 */
export const REPLIES_AND_ERRORS: number = [ECHO_REPLY[4], ...ERROR_TYPES[4]]
  .reduce((mask, type) => mask & ~(1 << type), -1);

const ALL = 0xffff_ffff;

const instruction = (code: number, k: number, jt = 0, jf = 0) => ({
  code,
  k,
  jt,
  jf,
});

/**
 * Loads the ICMP type, and where it is that of an error goes on behind
 * `otherwise`.
 */
function unlessError(
  family: Family,
  otherwise: readonly FilterInstruction[],
): FilterInstruction[] {
  const errors = ERROR_TYPES[family];
  return [
    // An IPv4 raw socket's program sees the IP header, an IPv6 one's does not.
    instruction(family === 4 ? BPF.LOAD_HEADER_LENGTH : BPF.LOAD_X, 0),
    instruction(BPF.LOAD_OCTET_INDEXED, ICMP.TYPE),
    ...errors.map((type, i) => {
      const left = errors.length - 1 - i;
      return instruction(BPF.JUMP_EQUAL, type, left + otherwise.length);
    }),
    ...otherwise,
  ];
}

/**
 * Lets echo replies with an identifier through, and ICMP errors.
 *
 * @param identifier 0–65,535
 */
export function answersTo(
  identifier: number,
  family: Family,
): FilterInstruction[] {
  return [
    ...unlessError(family, [
      instruction(BPF.JUMP_EQUAL, ECHO_REPLY[family], 0, 2),
      instruction(BPF.LOAD_HALF_INDEXED, ICMP.IDENTIFIER),
      instruction(BPF.JUMP_EQUAL, identifier, 1),
      instruction(BPF.RETURN, 0),
    ]),
    instruction(BPF.RETURN, ALL),
  ];
}

/**
 * Lets echo replies with an identifier through, and ICMP errors that quote
 * requests with it: those of others, however many, take no room from ours.
 *
 * @param identifier 0–65,535
 */
export function answersToEcho(
  identifier: number,
  family: Family,
): FilterInstruction[] {
  const headerLength = family === 4
    ? [
      instruction(BPF.LOAD_OCTET_INDEXED, ICMP.QUOTED),
      instruction(BPF.AND, 0x0f),
      instruction(BPF.SHIFT_LEFT, 2),
      instruction(BPF.ADD_X, 0),
      instruction(BPF.MOVE_TO_X, 0),
    ]
    : [instruction(BPF.LOAD_X, IPV6_HEADER)];
  const error = [
    instruction(BPF.LOAD_OCTET_INDEXED, ICMP.QUOTED + PROTOCOL[family]),
    instruction(
      BPF.JUMP_EQUAL,
      ICMP_PROTOCOL[family],
      0,
      headerLength.length + 2,
    ),
    ...headerLength,
    instruction(BPF.LOAD_HALF_INDEXED, ICMP.QUOTED + ICMP.IDENTIFIER),
    instruction(BPF.JUMP_EQUAL, identifier, 1),
    instruction(BPF.RETURN, 0),
    instruction(BPF.RETURN, ALL),
  ];
  return [
    ...unlessError(family, [
      instruction(BPF.JUMP_EQUAL, ECHO_REPLY[family], 0, 3),
      instruction(BPF.LOAD_HALF_INDEXED, ICMP.IDENTIFIER),
      instruction(BPF.JUMP_EQUAL, identifier, 0, 1),
      instruction(BPF.RETURN, ALL),
      instruction(BPF.RETURN, 0),
    ]),
    ...error,
  ];
}

/** Lets ICMP errors through, and nothing else. */
export function anyError(family: Family): FilterInstruction[] {
  return [
    ...unlessError(family, [instruction(BPF.RETURN, 0)]),
    instruction(BPF.RETURN, ALL),
  ];
}

/**
 * Lets TCP segments from a port through.
 *
 * @param port 0–65,535
 */
export function segmentsFrom(
  port: number,
  family: Family,
): FilterInstruction[] {
  return withPort(PORT.SOURCE, port, family);
}

/**
 * Lets UDP datagrams to a port through.
 *
 * @param port 0–65,535
 */
export function datagramsTo(port: number, family: Family): FilterInstruction[] {
  return withPort(PORT.DESTINATION, port, family);
}

function withPort(
  field: number,
  port: number,
  family: Family,
): FilterInstruction[] {
  return [
    instruction(family === 4 ? BPF.LOAD_HEADER_LENGTH : BPF.LOAD_X, 0),
    instruction(BPF.LOAD_HALF_INDEXED, field),
    instruction(BPF.JUMP_EQUAL, port, 0, 1),
    instruction(BPF.RETURN, ALL),
    instruction(BPF.RETURN, 0),
  ];
}

/**
 * Lets ICMP errors through that quote a packet to an IPv4 address.
 *
 * @param destination 32 bits, as `parseIPv4` gives them
 */
export function errorsAbout(destination: number): FilterInstruction[] {
  return [
    ...unlessError(4, [instruction(BPF.RETURN, 0)]),
    instruction(BPF.LOAD_WORD_INDEXED, ICMP.QUOTED_DESTINATION),
    instruction(BPF.JUMP_EQUAL, destination, 0, 1),
    instruction(BPF.RETURN, ALL),
    instruction(BPF.RETURN, 0),
  ];
}

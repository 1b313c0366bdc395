/**
 * A message of the Domain Name System (RFC 1035 §4) in one line: enough to say
 * what it is, and no more. It is not encoded here.
 *
 * {@linkcode decodeDNS} throws a {@linkcode PacketError} where there are fewer
 * than 12 octets; a question that cannot be read is left out. Names come from a
 * stranger: what is not printable in them is written as `\DDD`, and pointers of
 * compressed names are followed backwards only, up to 255 octets of a name, so
 * that none goes in circles.
 *
 * @module
 */

import { counted, cutShort } from "../errors.ts";
import { get16 } from "../octets.ts";
import {
  type Decoded,
  decodedMessage,
  type Protocol,
} from "../packet/protocol.ts";

const OFFSET = {
  ID: 0,
  FLAGS: 2,
  QUESTION_COUNT: 4,
  ANSWER_COUNT: 6,
  QUESTION: 12,
} as const;

const FLAG = {
  RESPONSE: 0x8000,
  OPCODE: 0x7800,
  RESPONSE_CODE: 0x000f,
} as const;

/** RFC 1035 §3.1: octets of a name on the wire at most. */
const MAX_NAME_LENGTH = 255;
/** RFC 1035 §4.1.4: the two uppermost bits of a length mark a pointer. */
const POINTER = 0xc0;

/**
 * What a message is about.
 *
 * @category Names and configuration
 */
export interface DNSSummary {
  /** 0–0xffff. */
  readonly id: number;
  /** Whether it is a response. */
  readonly isResponse: boolean;
  /** 0–15; 0 is a query. */
  readonly opcode: number;
  /** 0–15: 0 no error, 3 no such name. */
  readonly responseCode: number;
  /** Answers that it says there are, 0–0xffff. */
  readonly answerCount: number;
  /** The first question, if there is one that can be read. */
  readonly question?: {
    /** Printable, without the final dot; `.` is the root. */
    readonly name: string;
    /** 0–0xffff: 1 is A, 28 AAAA. */
    readonly type: number;
  };
}

/**
 * Reads as much of a message as names it.
 *
 * @category Names and configuration
 * @throws {PacketError} if there are fewer than 12 octets
 *
 * @example
 * ```ts
 * import { decodeDNS, describeDNS } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const query = Uint8Array.fromHex(
 *   "002b01000001000000000000" + "076578616d706c6503636f6d00" + "00010001",
 * );
 * assertEquals(describeDNS(decodeDNS(query).header), "DNS query A example.com");
 * ```
 */
export function decodeDNS(bytes: Uint8Array): Decoded<DNSSummary> {
  return decodedMessage(bytes, readMessage(bytes));
}

function readMessage(bytes: Uint8Array): DNSSummary {
  if (bytes.length < OFFSET.QUESTION) {
    throw cutShort("dns", "message", bytes, OFFSET.QUESTION);
  }
  const flags = get16(bytes, OFFSET.FLAGS);
  const question = get16(bytes, OFFSET.QUESTION_COUNT) === 0
    ? undefined
    : readQuestion(bytes);
  return {
    id: get16(bytes, OFFSET.ID),
    isResponse: (flags & FLAG.RESPONSE) !== 0,
    opcode: (flags & FLAG.OPCODE) >>> 11,
    responseCode: flags & FLAG.RESPONSE_CODE,
    answerCount: get16(bytes, OFFSET.ANSWER_COUNT),
    ...(question === undefined ? {} : { question }),
  };
}

function readQuestion(bytes: Uint8Array): DNSSummary["question"] {
  const labels: string[] = [];
  let at: number = OFFSET.QUESTION;
  /** Where the name ends in the question itself, after the first pointer. */
  let end: number | undefined;
  let length = 0;
  while (at < bytes.length) {
    const size = bytes[at];
    if (size >= POINTER) {
      if (at + 1 >= bytes.length) return undefined;
      const target = get16(bytes, at) & 0x3fff;
      // Pointers lead back, and labels between them add up: there is an end.
      if (target >= at) return undefined;
      end ??= at + 2;
      at = target;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > MAX_NAME_LENGTH) return undefined;
    if (size === 0) {
      const type = end ?? at + 1;
      if (type + 2 > bytes.length) return undefined;
      const name = labels.length === 0 ? "." : labels.join(".");
      return { name, type: get16(bytes, type) };
    }
    const next = at + 1 + size;
    if (next > bytes.length) return undefined;
    let label = "";
    while (++at < next) label += printable(bytes[at]);
    labels.push(label);
  }
  return undefined;
}

/** RFC 1035 §5.1: a dot and a backslash within a label are escaped too. */
function printable(octet: number): string {
  const character = String.fromCharCode(octet);
  if (character === "." || character === "\\") return `\\${character}`;
  return octet > 0x20 && octet < 0x7f
    ? character
    : `\\${octet.toString().padStart(3, "0")}`;
}

const TYPES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  12: "PTR",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
  41: "OPT",
  43: "DS",
  48: "DNSKEY",
  65: "HTTPS",
  252: "AXFR",
  255: "ANY",
  257: "CAA",
};

const RESPONSE_CODES = [
  "",
  "format error",
  "server failure",
  "no such name",
  "not implemented",
  "refused",
];

/** Columns of a name that are shown; the line is to fit into 80. */
const SHOWN = 36;

/**
 * A message in one line, such as `DNS response A example.com, 2 answers`.
 *
 * @category Names and configuration
 */
export function describeDNS(summary: DNSSummary): string {
  const { isResponse, opcode, responseCode, answerCount, question } = summary;
  const kind = opcode === 5 ? "update" : opcode === 4 ? "notify" : "query";
  const words = ["DNS", isResponse ? "response" : kind];
  if (question !== undefined) {
    const { name, type } = question;
    words.push(TYPES[type] ?? `TYPE${type}`);
    words.push(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
  }
  const text = words.join(" ");
  if (!isResponse) return text;
  if (responseCode !== 0) {
    return `${text}, ${
      RESPONSE_CODES[responseCode] ?? `error ${responseCode}`
    }`;
  }
  return `${text}, ${counted(answerCount, "answer")}`;
}

/** The protocol's row: a message is only named, all of it one layer. */
export const DNS: Protocol<DNSSummary> = {
  abbreviation: "DNS",
  ports: [53, 5353],
  title: describeDNS,
  decode: decodeDNS,
  describe: () => [],
};

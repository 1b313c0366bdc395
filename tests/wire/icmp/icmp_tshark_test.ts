/**
 * The same packets, read by tshark and by us. It writes a capture file and runs
 * tshark on it; nothing is sent.
 *
 * @module
 */

import {
  icmpv4,
  type ICMPv4LayerFields,
} from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import {
  icmpv6,
  type ICMPv6LayerFields,
} from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { assert, assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  decodeICMPExtensions,
  encodeICMPExtensions,
} from "../../../lib/wire/icmp/icmp_extensions.ts";
import type { ICMPv4Message } from "../../../lib/wire/icmp/icmpv4_messages.ts";
import type { ICMPv6Message } from "../../../lib/wire/icmp/icmpv6_messages.ts";
import type { MPLSLabel } from "../../../lib/wire/icmp/mpls.ts";
import {
  decodeNDPOptions,
  encodeNDPOptions,
} from "../../../lib/wire/icmp/ndp_options.ts";
import { liveTest } from "../../live/live.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const PACKETS = 400;

/** What is compared, and how tshark calls it. */
const COLUMNS = {
  type: ["icmp.type", "icmpv6.type"],
  code: ["icmp.code", "icmpv6.code"],
  checksumStatus: ["icmp.checksum.status", "icmpv6.checksum.status"],
  identifier: ["icmp.ident", "icmpv6.echo.identifier"],
  sequence: ["icmp.seq", "icmpv6.echo.sequence_number"],
  mtu: ["icmp.mtu", "icmpv6.mtu"],
  pointer: ["icmp.pointer", "icmpv6.pointer"],
  gateway: ["icmp.redir_gw", "icmpv6.nd.rd.target_address"],
  mask: ["icmp.address_mask"],
  routers: ["icmp.router_address"],
  target: ["icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address"],
  lifetime: ["icmpv6.nd.ra.router_lifetime"],
  linkMTU: ["icmpv6.opt.mtu"],
  prefix: ["icmpv6.opt.prefix"],
  extensionChecksumStatus: ["icmp.ext.checksum.status"],
  labels: ["icmp.mpls.label"],
  trafficClasses: ["icmp.mpls.exp"],
  bottoms: ["icmp.mpls.s"],
  ttls: ["icmp.mpls.ttl"],
} as const;

type Row = Record<keyof typeof COLUMNS, string>;

await liveTest(
  "dissect() reads ICMP and ICMPv6 messages as tshark does",
  ["tshark"],
  async () => {
    const random = seededRandom(0x75ba2c);
    const packets = Array.from(
      { length: PACKETS },
      (_, i) => i % 2 === 0 ? packet4(random) : packet6(random),
    );
    const rows = await readWithTshark(packets);
    assertEquals(rows.length, packets.length);
    for (const [i, packet] of packets.entries()) {
      assertEquals(ourRow(packet), rows[i], packet.toHex());
    }
    // The comparison would be worth little if it compared nothing.
    for (const column of Object.keys(COLUMNS) as (keyof Row)[]) {
      const filled = rows.filter((row) => row[column] !== "").length;
      assert(filled >= 10, `${column} is in ${filled} packets`);
    }
    for (
      const column of ["checksumStatus", "extensionChecksumStatus"] as const
    ) {
      assertEquals(
        [...new Set(rows.map((row) => row[column]))].filter(Boolean).sort(),
        ["0", "1"],
      );
    }
  },
);

function ourRow(packet: Uint8Array): Row {
  const { layers, problems } = dissect(packet);
  const layer = layers[1];
  assert(layer.protocol === "icmpv4" || layer.protocol === "icmpv6");
  const message: ICMPv4Message | ICMPv6Message = layer.header;
  const wrong = (field: string) =>
    problems.some((problem) =>
      problem.layer === layer.protocol && problem.field === field
    );
  const has = <Name extends string>(name: Name) =>
    name in message
      ? String((message as unknown as Record<Name, unknown>)[name])
      : "";
  const extensions = "extensions" in message ? message.extensions : [];
  const labels = extensions.length === 0
    ? []
    : decodeICMPExtensions(Uint8Array.from(extensions)).objects.flatMap((
      { object },
    ) => object.kind === "mplsLabelStack" ? object.labels : []);
  const all = (pick: (label: MPLSLabel) => number) => labels.map(pick).join();
  const options = "options" in message
    ? decodeNDPOptions(message.options).options.map(({ option }) => option)
    : [];
  const isMTU = message.kind === "packetTooBig" ||
    message.kind === "destinationUnreachable" && message.type === 3 &&
      message.code === 4;
  return {
    type: has("type"),
    code: has("code"),
    checksumStatus: wrong("checksum") ? "0" : "1",
    identifier: has("identifier"),
    sequence: has("sequence"),
    mtu: isMTU ? has("mtu") + has("nextHopMTU") : "",
    pointer: has("pointer"),
    gateway: message.kind === "redirect" ? has("gateway") + has("target") : "",
    mask: has("mask"),
    routers: message.kind === "routerAdvertisement" && "routers" in message
      ? message.routers.map(({ address }) => address).join()
      : "",
    target: message.kind === "redirect" ? "" : has("target"),
    lifetime: layer.protocol === "icmpv6" ? has("lifetime") : "",
    linkMTU: options.flatMap((o) => o.kind === "mtu" ? [o.mtu] : []).join(),
    prefix: options.flatMap((o) =>
      o.kind === "prefixInformation" ? [o.prefix] : []
    )
      .join(),
    extensionChecksumStatus: extensions.length === 0
      ? ""
      : wrong("extensions")
      ? "0"
      : "1",
    labels: all(({ label }) => label),
    trafficClasses: all(({ trafficClass }) => trafficClass),
    bottoms: all(({ bottomOfStack }) => Number(bottomOfStack)),
    ttls: all(({ ttl }) => ttl),
  };
}

function packet4(random: Random): Uint8Array<ArrayBuffer> {
  const query = {
    identifier: randomInt(random, 0, 0xffff),
    sequence: randomInt(random, 0, 0xffff),
  };
  const message: ICMPv4LayerFields = randomOf<() => ICMPv4LayerFields>(random, [
    () => ({ kind: "echoRequest", ...query }),
    () => ({ kind: "echoReply", ...query }),
    () => ({
      kind: "destinationUnreachable",
      code: randomInt(random, 0, 15),
      nextHopMTU: randomInt(random, 0, 0xffff),
      ...extensions(random),
    }),
    () => ({
      kind: "destinationUnreachable",
      code: 4,
      nextHopMTU: randomInt(random, 0, 0xffff),
    }),
    () => ({ kind: "timeExceeded", ...extensions(random) }),
    () => ({
      kind: "parameterProblem",
      pointer: randomInt(random, 0, 255),
      ...extensions(random),
    }),
    () => ({
      kind: "redirect",
      code: randomInt(random, 0, 3),
      gateway: address4(random),
    }),
    () => ({
      kind: "timestampRequest",
      ...query,
      originate: randomInt(random, 0, 86_399_999),
    }),
    () => ({ kind: "addressMaskReply", ...query, mask: address4(random) }),
    () => ({
      kind: "routerAdvertisement",
      routers: Array.from({ length: randomInt(random, 1, 4) }, () => ({
        address: address4(random),
        preference: randomInt(random, -0x80000000, 0x7fffffff),
      })),
    }),
  ])();
  return buildPacket(
    ipv4({ source: address4(random), destination: address4(random) }),
    icmpv4({ ...message, ...maybeWrong(random) }),
    ...inside4(random, message.kind),
  );
}

function packet6(random: Random): Uint8Array<ArrayBuffer> {
  const target = address6(random);
  const link = { address: randomBytes(random, 6) };
  const message: ICMPv6LayerFields = randomOf<() => ICMPv6LayerFields>(random, [
    () => ({
      kind: randomOf(random, ["echoRequest", "echoReply"]),
      identifier: randomInt(random, 0, 0xffff),
      sequence: randomInt(random, 0, 0xffff),
    }),
    () => ({
      kind: randomOf(random, ["destinationUnreachable", "timeExceeded"]),
      code: randomInt(random, 0, 6),
      ...extensions(random),
    }),
    () => ({
      kind: randomOf(random, ["destinationUnreachable", "timeExceeded"]),
      ...extensions(random),
    }),
    () => ({ kind: "packetTooBig", mtu: randomInt(random, 0, 0xffffffff) }),
    () => ({ kind: "parameterProblem", pointer: randomInt(random, 0, 65_535) }),
    () => ({
      kind: "routerAdvertisement",
      lifetime: randomInt(random, 0, 0xffff),
      options: encodeNDPOptions([
        { kind: "sourceLinkLayerAddress", ...link },
        { kind: "mtu", mtu: randomInt(random, 1280, 0xffffffff) },
        { kind: "prefixInformation", prefix: target, prefixLength: 128 },
      ]),
    }),
    () => ({
      kind: "neighborSolicitation",
      target,
      options: encodeNDPOptions([{ kind: "sourceLinkLayerAddress", ...link }]),
    }),
    () => ({
      kind: "neighborAdvertisement",
      solicited: random() < 0.5,
      target,
      options: encodeNDPOptions([{ kind: "targetLinkLayerAddress", ...link }]),
    }),
    () => ({ kind: "redirect", target, destination: address6(random) }),
  ])();
  return buildPacket(
    ipv6({
      source: address6(random),
      destination: address6(random),
      hopLimit: 255,
      extensionHeaders: random() < 0.3 ? [{ kind: "hopByHop" }] : [],
    }),
    icmpv6({ ...message, ...maybeWrong(random) }),
    ...inside6(random, message.kind),
  );
}

/** What an error quotes, or an echo carries. */
function inside4(random: Random, kind: ICMPv4LayerFields["kind"]) {
  if (kind === "echoRequest" || kind === "echoReply") {
    return [randomBytes(random, randomInt(random, 0, 64))];
  }
  if (!ERRORS.has(kind)) return [];
  return [
    ipv4({
      source: address4(random),
      destination: address4(random),
      protocol: 253,
    }),
    // As routers do: behind a longer quote tshark looks for no extensions.
    randomBytes(random, randomInt(random, 8, 108)),
  ];
}

function inside6(random: Random, kind: ICMPv6LayerFields["kind"]) {
  if (kind === "echoRequest" || kind === "echoReply") {
    return [randomBytes(random, randomInt(random, 0, 64))];
  }
  if (!ERRORS.has(kind) || kind === "redirect") return [];
  return [
    ipv6({
      source: address6(random),
      destination: address6(random),
      protocol: 253,
    }),
    randomBytes(random, randomInt(random, 8, 160)),
  ];
}

const ERRORS: ReadonlySet<string> = new Set([
  "destinationUnreachable",
  "timeExceeded",
  "parameterProblem",
  "packetTooBig",
  "redirect",
]);

function extensions(random: Random): { extensions?: Uint8Array } {
  if (random() < 0.3) return {};
  const count = randomInt(random, 1, 4);
  const labels = Array.from({ length: count }, (_, i): MPLSLabel => ({
    label: randomInt(random, 0, 0xfffff),
    trafficClass: randomInt(random, 0, 7),
    bottomOfStack: i === count - 1,
    ttl: randomInt(random, 0, 255),
  }));
  return {
    extensions: encodeICMPExtensions({
      objects: [{ kind: "mplsLabelStack", labels }],
      ...maybeWrong(random),
    }),
  };
}

/** One in ten checksums is made up, and never zero, which can mean none. */
function maybeWrong(random: Random): { checksum?: number } {
  return random() < 0.1 ? { checksum: randomInt(random, 1, 0xfffe) } : {};
}

function address4(random: Random): string {
  return `198.51.100.${randomInt(random, 1, 254)}`;
}

function address6(random: Random): string {
  return `2001:db8::${randomInt(random, 1, 0xffff).toString(16)}`;
}

async function readWithTshark(packets: readonly Uint8Array[]): Promise<Row[]> {
  const file = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(file, pcap(packets));
    const names = Object.values(COLUMNS).flat();
    const { success, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        ...["-n", "-r", file, "-T", "fields", "-E", "separator=/t"],
        ...["-o", "ip.check_checksum:TRUE"],
        ...names.flatMap((name) => ["-e", name]),
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).replace(/\n$/, "").split("\n").map(
      (line) => rowOf(new Map(line.split("\t").map((v, i) => [names[i], v]))),
    );
  } finally {
    await Deno.remove(file);
  }
}

function rowOf(values: ReadonlyMap<string, string>): Row {
  const columns = Object.entries(COLUMNS).map(([column, names]) => {
    const text = names.map((name) => values.get(name) ?? "").join("");
    const numbers = text.split(",").map((value) =>
      /^(0x[0-9a-f]+|\d+)$/.test(value) ? `${Number(value)}` : value
    );
    return [column, numbers.join()];
  });
  return Object.fromEntries(columns);
}

/** A classic capture file whose packets begin with their IP header. */
function pcap(packets: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const LINK_TYPE_RAW = 101;
  const length = packets.reduce((sum, packet) => sum + 16 + packet.length, 24);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, LINK_TYPE_RAW);
  let offset = 24;
  for (const packet of packets) {
    view.setUint32(offset + 8, packet.length);
    view.setUint32(offset + 12, packet.length);
    file.set(packet, offset + 16);
    offset += 16 + packet.length;
  }
  return file;
}

/** Patterns over packets: what each part of them demands. */

import { assert, assertEquals } from "@std/assert";
import { checkStep, isRight } from "../../lib/lesson/check.ts";
import type { Expectation, LessonStep } from "../../lib/lesson/lesson.ts";
import { LESSONS } from "../../lib/lesson/lessons/lessons.ts";
import { ownValues, withOwnValues } from "../../lib/lesson/own_values.ts";
import type { LessonPacket } from "../../lib/lesson/packet_values.ts";
import { buildPacket, icmpv4, ipv4, LINK_TYPE_RAW } from "../../mod.ts";

const ENDS = { source: "10.9.0.5", destination: "10.9.0.6" };

function echo(
  kind: "echoRequest" | "echoReply",
  fields: { identifier: number; sequence: number; checksum?: number },
  { ttl = 64, at = "user/eth0", ns = 1n } = {},
): LessonPacket {
  return {
    bytes: buildPacket(
      ipv4({ ...ENDS, ttl }),
      icmpv4({ kind, ...fields }),
      "Hi",
    ),
    linkType: LINK_TYPE_RAW,
    timestampNs: ns,
    interfaceName: at,
  };
}

const PACKETS = [
  echo("echoRequest", { identifier: 1, sequence: 1 }),
  echo("echoRequest", { identifier: 2, sequence: 7 }, { ttl: 3 }),
  echo("echoReply", { identifier: 2, sequence: 7 }, { at: "victim/eth0" }),
  echo("echoReply", { identifier: 3, sequence: 9, checksum: 5 }, { ns: 9n }),
];

const predict = { question: "", answer: 1 } as const;
const step = (...see: Omit<Expectation, "what">[]) => ({
  predict,
  see: see.map((one, i) => ({ what: `${i}`, ...one })),
});
const holds = (
  see: Omit<Expectation, "what">[],
  own = {},
  fromNs?: bigint,
) => checkStep(step(...see), PACKETS, own, fromNs).holds;

Deno.test("checkStep() compares fields with values and ranges", () => {
  const CASES: [where: Expectation["where"], count: number][] = [
    [{ "icmpv4.type": 8 }, 2],
    [{ "icmpv4.type": 8, "ipv4.ttl": 3 }, 1],
    [{ "ipv4.ttl": { min: 3, max: 63 } }, 1],
    [{ "ipv4.ttl": { max: 2 } }, 0],
    [{ "icmpv4.type": { not: 8 } }, 2],
    [{ "udp.length": { not: 8 } }, 4],
    [{ "udp.length": { min: 0 } }, 0],
    [{ "ipv4.source": { min: 0 } }, 0],
    [{ "ipv4.source": "$own" }, 4],
    [{ "ipv4.source": { not: "$own" } }, 0],
    [{ "ipv4.dontFragment": false }, 4],
    [{ "data.text": "Hi", "data.hex": "4869", "data.length": 2 }, 4],
    [{ "packet.problems": "icmpv4.checksum" }, 1],
    [{ "packet.problems": "", "packet.length": 30 }, 3],
    [{ "ipv4[1].ttl": { min: 0 } }, 0],
    [{ "ipv4.constructor": { not: 1 } }, 4],
    [{ "ipv4.constructor": "function" }, 0],
    [{ "packet.nothing": 1 }, 0],
  ];
  const own = { own: "10.9.0.5" };
  for (const [where, count] of CASES) {
    const text = JSON.stringify(where);
    assert(holds([{ where, min: count, max: count }], own), text);
    assert(!holds([{ where, min: count + 1 }], own), text);
    if (count > 0) assert(!holds([{ where, max: count - 1 }], own), text);
  }
});

Deno.test("checkStep() wants a packet at its host, and not before its time", () => {
  const where = { "icmpv4.type": 0 };
  assert(holds([{ where, at: "victim" }]));
  assert(!holds([{ where, at: "vic" }]));
  assert(!holds([{ where, at: "victim", min: 2 }]));
  assert(holds([{ where, max: 1 }], {}, 2n));
  assert(!holds([{ where, at: "victim" }], {}, 2n));
});

Deno.test("checkStep() tries each packet that another may be the same as", () => {
  const request = { where: { "icmpv4.type": 8 }, name: "request" };
  const reply = {
    where: {
      "icmpv4.type": 0,
      "icmpv4.identifier": { sameAs: "request.icmpv4.identifier" },
      "icmpv4.sequence": { sameAs: "request.icmpv4.sequence" },
    },
  };
  // The first request has no reply, the second has.
  const outcome = checkStep(
    {
      ...step(request, reply),
      predict: { question: "", answer: { sameAs: "request.ipv4.ttl" } },
    },
    PACKETS,
    {},
  );
  assertEquals(
    outcome,
    {
      holds: true,
      results: [
        { what: "0", holds: true, packets: [0, 1] },
        { what: "1", holds: true, packets: [2] },
      ],
      answer: 3,
    },
  );
  assert(!checkStep(step(request, reply), [PACKETS[0], PACKETS[2]], {}).holds);
  // What is not there is the same as nothing.
  const nothing = { where: { "udp.length": { sameAs: "request.udp.length" } } };
  assert(!holds([request, nothing]));
});

Deno.test("checkStep() of a hostile step ends, and does not hold", () => {
  const packets = Array.from({ length: 500 }, () => PACKETS[0]);
  const see = Array.from({ length: 11 }, (_, i): Expectation => ({
    what: `${i}`,
    name: `n${i}`,
    where: { "icmpv4.type": 8 },
  }));
  const impossible: Expectation = {
    what: "never",
    where: { "ipv4.ttl": { sameAs: "n0.ipv4.source" } },
  };
  assert(!checkStep({ see: [...see, impossible], predict }, packets, {}).holds);
});

Deno.test("isRight() takes numbers as people write them", () => {
  const RIGHT = [["28", 28], [" 0x1C ", 28], [28, 28], ["Nobody", "nobody"]];
  const WRONG = [["", 0], ["28 octets", 28], ["27", 28], ["no", "nobody"]];
  for (const [value, answer] of RIGHT) assert(isRight(value, answer));
  for (const [value, answer] of WRONG) assert(!isRight(value, answer));
  assert(!isRight("28", undefined));
});

Deno.test("ownValues() differ from student to student, and never by themselves", () => {
  for (const lesson of LESSONS) {
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const own = ownValues(lesson, `student ${i}`);
      assertEquals(own, ownValues(lesson, `student ${i}`));
      for (const [name, value] of Object.entries(lesson.own)) {
        if (value.kind !== "number") continue;
        const number = own[name] as number;
        assert(number >= value.min && number <= value.max);
      }
      seen.add(JSON.stringify(own));
    }
    assert(seen.size >= 299, `${lesson.id}: ${seen.size}`);
  }
  const layers = [{ ipv4: { ttl: "$n", source: "$$n", x: ["$n", "$none"] } }];
  assertEquals(withOwnValues({ layers }, { n: 5 }), {
    layers: [{ ipv4: { ttl: 5, source: "$$n", x: [5, "$none"] } }],
  });
});

Deno.test("every step of every lesson asks for something of the student's own", () => {
  const isOwn = ({ see }: LessonStep) =>
    see.some(({ where }) =>
      Object.values(where).some((condition) =>
        typeof condition === "string" && condition.startsWith("$")
      )
    );
  for (const { id, steps } of LESSONS) {
    for (const step of steps) {
      // Or of a packet that does.
      const quotes = JSON.stringify(step.see).includes('"$');
      assert(isOwn(step) || quotes, `${id} ${step.id}`);
    }
  }
});

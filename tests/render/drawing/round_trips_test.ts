import { assert, assertEquals } from "@std/assert";
import {
  renderRoundTrips,
  RoundTrips,
} from "../../../lib/render/drawing/round_trips.ts";
import { renderPingSVG } from "../../../lib/render/drawing/ping_svg.ts";
import { HostRecord } from "../../../lib/tools/ping/host.ts";
import { Host, type PingEvent } from "../../../mod.ts";

/** What an event of a request tells, as far as drawings are concerned. */
function event(
  type: string,
  sequence?: number,
  roundTripMs?: number,
  more: Partial<PingEvent> = {},
): PingEvent {
  return { type, sequence, reply: { roundTripMs }, ...more } as PingEvent;
}

function tripsOf(name: string, ...events: PingEvent[]): RoundTrips {
  const trips = new RoundTrips(name);
  for (const event of events) trips.note(event);
  return trips;
}

Deno.test("round trips are blocks from 0 to the longest, what is lost is marked", () => {
  const trips = tripsOf(
    "1.1.1.1",
    event("start"),
    event("reply", 1, 8),
    event("reply", 2, 1),
    event("reply", 2, 7, { isDuplicate: true }),
    event("timeout", 3),
    event("reply", 3, 9, { isLate: true }),
    event("reply", 4, 4.1),
    event("error", 5),
    event("reply", 5, 2),
    event("failed", 6),
    event("failed"),
    event("error", 7),
    event("refused", 8),
    event("reply", 9, 0),
  );
  assertEquals(renderRoundTrips(trips), [
    "█▁×▅▂××?▁",
    "1.1.1.1 icmp_seq 1 to 9, █ 8.000 ms, × lost: 3",
  ]);
});

Deno.test("a line of round trips has the last 72, and no name harms it", () => {
  const events = Array.from(
    { length: 100 },
    (_, i) => i < 50 ? event("reply", i + 1, 1) : event("timeout", i + 1),
  );
  const [bars, scale] = renderRoundTrips(tripsOf("evil\x1b[2J", ...events));
  assertEquals(bars, "█".repeat(22) + "×".repeat(50));
  assertEquals(
    scale,
    "evil\\x1b[2J icmp_seq 29 to 100, █ 1.000 ms, × lost: 50",
  );
  assertEquals(renderRoundTrips(new RoundTrips("silent")), []);
  const lost = tripsOf("silent", event("timeout", 1));
  assertEquals(renderRoundTrips(lost), [
    "×",
    "silent icmp_seq 1 to 1, × lost: 1",
  ]);
});

Deno.test("a drawing's sticks are as long as the round trips", () => {
  const record = Object.assign(new HostRecord("1.1.1.1"), {
    packetsSent: 4,
    rttsMs: [8, 4, 2],
  });
  const trips = tripsOf(
    "1.1.1.1",
    event("reply", 1, 8),
    event("reply", 2, 4),
    event("timeout", 3),
    event("reply", 4, 2),
  );
  const drawn = [{ host: new Host(record), trips }];
  const svg = renderPingSVG(drawn);
  const [, path] = /class="trips".* d="(.*)"/.exec(svg)!;
  const lengths = path.match(/\d+V[\d.]+/g)!.map((stick) => {
    const [from, to] = stick.split("V").map(Number);
    return from - to;
  });
  const [longest] = lengths;
  // The axis goes to 8 ms.
  assertEquals(longest, 144);
  assertEquals(lengths, [longest, longest / 2, longest / 4]);
  const [, crosses] = /class="lost".* d="(.*)"/.exec(svg)!;
  assertEquals(crosses.split("M").length - 1, 1);
  assert(svg.includes("4 sent, 3 received, min/avg/max 2.000/4.667/8.000 ms."));
});

Deno.test("a drawing of many requests keeps the longest, and every loss", () => {
  const trips = new RoundTrips("1.1.1.1");
  for (let i = 1; i <= 7100; i++) {
    trips.note(i % 1000 === 0 ? event("timeout", i) : event("reply", i, 1));
  }
  trips.note(event("reply", 4321, 10));
  const host = new Host(new HostRecord("1.1.1.1"));
  const svg = renderPingSVG([{ host, trips }]);
  const [, path] = /class="trips".* d="(.*)"/.exec(svg)!;
  assertEquals(path.split("M").length - 1, 710);
  assertEquals(path.match(/V46\.0/g)?.length, 1);
  const [, crosses] = /class="lost".* d="(.*)"/.exec(svg)!;
  assertEquals(crosses.split("M").length - 1, 7);
  assert(svg.length < 30_000, `${svg.length}`);
});

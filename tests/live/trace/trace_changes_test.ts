/** Routers that change what they forward, or quote it otherwise. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import type { ProbeChange, Trace } from "../../../mod.ts";
import { get16, put16 } from "../../../lib/wire/octets.ts";
import { inHost } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import { atItsEnd, type Saying, Spokesman } from "./spokesman.ts";
import {
  chainAddress,
  chainHops,
  hopsOf,
  theirHops,
  traceFrom,
} from "./trace_support.ts";

const ROUTERS = 4;
const TARGET = chainAddress(ROUTERS + 1, 4);
const METHODS = ["icmp", "udp", "tcp", "raw"] as const;

/** Which fields have changed, as each hop quotes them. */
function fieldsOf({ hops }: Trace): (ProbeChange["field"][] | undefined)[] {
  return hops.map(({ answers }) =>
    answers[0]?.changes.map(({ field }) => field)
  );
}

await liveTest(
  "a router that rewrites the identification hides nobody",
  ["lab", "nft", "traceroute"],
  async () => {
    await using lab = await Lab.up(chain(ROUTERS));
    // What goes forth, and what comes back: quotes are no header of theirs.
    const rules = `table ip rewriting {
      chain forth {
        type filter hook forward priority 0
        ip id set 4711
        ip frag-off set 0
      }
    }`;
    await inHost(lab, "router1", "nft", rules);
    for (const method of METHODS) {
      for (const flow of ["paris", "classic"] as const) {
        const trace = await traceFrom(lab, TARGET, { method, flow });
        assertEquals(hopsOf(trace), chainHops(ROUTERS, 4), `${method} ${flow}`);
        assertEquals(trace.isReached, true);
        const [first, ...behind] = trace.hops;
        assertEquals(first.answers.map((answer) => answer?.changes), [
          ...[[], [], []],
        ]);
        for (const { answers, packetsReceived } of behind) {
          assertEquals(packetsReceived, 3);
          for (const answer of answers) {
            if (answer?.quotedTTL === undefined) continue;
            const [{ field, quoted }] = answer.changes;
            assertEquals([field, quoted], ["identification", 4711]);
          }
        }
      }
    }
    assertEquals(await theirHops(lab, TARGET, "-I"), chainHops(ROUTERS, 4));
    const { stdout } = await run(
      lab.inside("host", script("traceroute", "-n", "-w", "60", TARGET)),
    );
    assertStringIncludes(
      stdout,
      "    [changed on the way here: another identification]\n 3 ",
    );
    // Without the flag, it does not show what the path takes whole.
    const { pathMTU, isReached } = await traceFrom(lab, TARGET, {
      discoverMTU: true,
    });
    assertEquals([isReached, pathMTU], [true, undefined]);
  },
);

/** How a header is quoted, and what is told of that. */
const MANNERS: readonly (readonly [
  change: (quoted: Uint8Array<ArrayBuffer>) => Uint8Array,
  fields: readonly ProbeChange["field"][],
])[] = [
  [(quoted) => {
    for (const at of [2, 4, 6]) quoted.subarray(at, at + 2).reverse();
    return quoted;
  }, ["totalLength", "identification"]],
  [(quoted) => {
    put16(quoted, 2, get16(quoted, 2) - 20);
    return quoted;
  }, ["totalLength"]],
  [(quoted) => {
    put16(quoted, 2, 0);
    return quoted;
  }, ["totalLength"]],
  [(quoted) => {
    quoted[10] ^= 0xff; // Its own checksum.
    quoted[6] ^= 0x40;
    return quoted;
  }, ["dontFragment"]],
  [(quoted) => {
    quoted[0] = 0x46;
    const [header, segment] = [quoted.subarray(0, 20), quoted.subarray(20)];
    return Uint8Array.of(...header, 1, 1, 1, 0, ...segment);
  }, ["options"]],
  // Some quote it after they have counted down, some set it anew.
  ...[0, 64].map((ttl) =>
    [(quoted: Uint8Array<ArrayBuffer>) => {
      quoted[8] = ttl;
      return quoted;
    }, []] as const
  ),
  // What RFC 792 asks for, and no more.
  [(quoted) => quoted.subarray(0, 28), []],
];

await liveTest(
  "a router is believed in whatever manner it quotes",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(ROUTERS, { silent: [2] }));
    for (const [change, fields] of MANNERS) {
      const say = (probe: Uint8Array<ArrayBuffer>, hops: number) =>
        hops === 2
          ? { router: 2, quoted: change(atItsEnd(probe, 4)) } as Saying
          : undefined;
      await using _router = new Spokesman(lab, 4, say);
      for (const method of METHODS) {
        const trace = await traceFrom(lab, TARGET, { method });
        assertEquals(hopsOf(trace), chainHops(ROUTERS, 4), method);
        assertEquals(fieldsOf(trace)[1], fields, method);
        assertEquals(trace.hops[1].packetsReceived, 3);
      }
    }
  },
);
